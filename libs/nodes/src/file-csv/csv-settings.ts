/** The `delimiter` setting of CSV nodes: one character that cannot be confused with quotes or line ends. */
export const delimiterProperty = {
  type: 'string',
  title: 'Delimiter',
  default: ',',
  minLength: 1,
  maxLength: 1,
  pattern: '^[\\x20-\\x7e\\t]$',
  not: { const: '"' },
};
