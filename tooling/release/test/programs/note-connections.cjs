// @ts-nocheck: it puts itself between Node and its callers, whatever they call it with.
// Loaded before a program: notes in the file that CONNECTIONS names every host beyond this machine that it wants to reach.
const { appendFileSync } = require('node:fs');
const { lookup } = require('node:dns');
const dns = require('node:dns');
const net = require('node:net');

const local = /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\..*|)$/;

/** @param {unknown} host */
function note(host) {
  if (typeof host === 'string' && !local.test(host)) appendFileSync(process.env.CONNECTIONS ?? '', `${host}\n`);
}

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  // Either options, a port and a host, or what net makes of these: a list with the options in front.
  const [first, second] = args.flat();
  note(typeof first === 'object' && first !== null ? (first.path === undefined ? first.host : '') : second);
  return connect.apply(this, args);
};

dns.lookup = (host, ...rest) => {
  note(host);
  return lookup(host, ...rest);
};
