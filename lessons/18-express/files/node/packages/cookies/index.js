// The name of a visitor, from the Cookie header.
module.exports = (header) => (/name=(\w+)/.exec(header || '') || [])[1] || 'guest';
