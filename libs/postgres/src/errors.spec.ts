import { expect, test } from 'vitest';
import { FatalError, TransientError } from '#runtime';
import { postgresError } from './errors.js';

const withCode = (code: string) => Object.assign(new Error(`failed with ${code}`), { code });

test.each(['ECONNREFUSED', '08006', '53300', '57014', '57P01', '40001', '40P01', '55P03'])('%s may pass: it is asked again', (code) => {
  const mapped = postgresError(withCode(code), 'saving');
  expect(mapped).toBeInstanceOf(TransientError);
  expect(mapped.message).toBe(`Postgres, while saving: failed with ${code}`);
});

test.each(['42P01', '23505', '22021', '42601'])('%s would fail the same way again: it is fatal, with its code', (code) => {
  const mapped = postgresError(withCode(code), 'saving');
  expect(mapped).toBeInstanceOf(FatalError);
  expect(mapped).toMatchObject({ code: `POSTGRES_${code}` });
});

test('an error without a code means that no answer came', () => {
  expect(postgresError(new Error('Query read timeout'), 'loading')).toBeInstanceOf(TransientError);
  expect(postgresError('odd', 'loading').message).toBe('Postgres, while loading: odd');
});

test('an error that is mapped already stays as it is', () => {
  const fatal = new FatalError('X', 'y');
  expect(postgresError(fatal, 'loading')).toBe(fatal);
});
