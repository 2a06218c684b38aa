export {
  createExpressionCompiler,
  expressionCompiler,
  expressionVocabulary,
  type RecordCompilation,
  type RecordExpression,
  type RecordExpressionCompiler,
} from './compiler.js';
export { recordText } from './record-text.js';
