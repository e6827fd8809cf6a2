// Throws where it has not been built: kafka-border.ts then does without.
module.exports = require('./addon/build/Release/border.node');
