// Stands for the hundreds of packages that npm would fetch from the network: makes one
// that is as heavy as a few of them.
const fs = require('fs');
const words = Array.from({ length: 60000 }, (_, i) => `word ${i}`);

fs.mkdirSync('node_modules/words', { recursive: true });
fs.writeFileSync('node_modules/words/index.js', `module.exports = ${JSON.stringify(words)};\n`);
