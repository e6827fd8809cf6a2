import { describe, expect, it } from 'vitest';
import { Tokens } from '../text/tokens.ts';
import { languageOf } from './index.ts';

const tokens = new Tokens();

describe('languageOf', () => {
  it.each([
    ['en', 'Could you send me the invoice please?'],
    ['en', 'Hello Mr Schmidt, Herr Müller asked me to call you back about the Lieferung.'],
    ['en', 'Is it a café?'],
    ['de', 'Guten Tag, wo bleibt meine Bestellung? Ich warte seit drei Wochen.'],
    ['fr', 'Bonjour, je voudrais annuler ma commande.'],
    ['es', 'La factura no está correcta, por favor corrijan el importe.'],
    ['it', 'Il prodotto non funziona e voglio un rimborso.'],
    ['nl', 'De bestelling is nog niet aangekomen'],
    ['pl', 'Faktura jest nieprawidłowa, proszę o korektę.'],
    ['ru', 'Спасибо большое'],
    ['ja', 'これは何ですか'],
  ])('tells %s: %s', (language, text) => expect(languageOf(tokens.read(text))).toBe(language));

  it.each(['', 'ok', 'Bitte', 'lol', '4711', 'http://a.test/b', '🙂', 'Ano, pošlete to prosím.'])(
    'says nothing of %j',
    text => {
      expect(languageOf(tokens.read(text))).toBe('');
    },
  );

  it.each(['aé', 'Я', '漢', ' ', 'a '])('takes a megabyte of %j in little time', unit => {
    const started = performance.now();
    languageOf(tokens.read(unit.repeat(500_000)));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
