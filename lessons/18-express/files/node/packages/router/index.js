// Which file answers a path.
const routes = { '/': 'views/index.html' };
module.exports = (url) => routes[url];
