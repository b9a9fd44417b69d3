// A bundler takes `ws` apart: it has to stay a package of Node.
module.exports = { serverExternalPackages: ["ws"] };
