//! Characters that folding treats apart from letters of spaced scripts.

/// What becomes of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of a word.
    Letter,
    /// A token of its own.
    Alone,
    /// A space.
    Space,
    /// This ASCII character.
    Ascii(char),
}

/// Marks and invisible characters that are left out: accents, Hebrew and
/// Arabic points, soft hyphens, joiners, direction marks, variation selectors, tags.
pub(super) const fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What becomes of punctuation and of scripts without spaces; `None` for all else.
pub(super) const fn kind(c: char) -> Option<Kind> {
    Some(match c {
        '‘' | '’' | '‚' | '‛' | '′' | '‹' | '›' | 'ʹ' | 'ʼ' | '׳' => {
            Kind::Ascii('\'')
        }
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' | '״' => Kind::Ascii('"'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '־' | '֊' => Kind::Ascii('-'),
        '⁄' | '∕' => Kind::Ascii('/'),
        '、' | '،' | '՝' => Kind::Ascii(','),
        '。' | '\u{6d4}' | '\u{964}'..='\u{965}' | '\u{589}' | '\u{1362}' | '\u{17d4}' => {
            Kind::Ascii('.')
        }
        '؛' | '፤' => Kind::Ascii(';'),
        '؟' | '՞' => Kind::Ascii('?'),
        '٪' => Kind::Ascii('%'),
        '٫' => Kind::Ascii('.'),
        '٬' => Kind::Ascii(','),
        // Everything else that separates words, by block.
        '¡' | '·' | '¿' | '\u{200b}' => Kind::Space,
        '\u{55a}'..='\u{55f}'
        | '\u{5c0}'
        | '\u{5c3}'
        | '\u{5c6}'
        | '\u{60d}'
        | '\u{61e}'
        | '\u{66d}'
        | '\u{970}'
        | '\u{df4}'
        | '\u{e4f}'
        | '\u{e5a}'..='\u{e5b}'
        | '\u{f04}'..='\u{f14}'
        | '\u{f3a}'..='\u{f3d}'
        | '\u{104a}'..='\u{104f}'
        | '\u{10fb}'
        | '\u{1360}'..='\u{1368}'
        | '\u{166e}'
        | '\u{169b}'..='\u{169c}'
        | '\u{16eb}'..='\u{16ed}'
        | '\u{17d4}'..='\u{17d6}'
        | '\u{17d8}'..='\u{17da}'
        | '\u{1800}'..='\u{180a}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{2308}'..='\u{230b}'
        | '\u{2329}'..='\u{232a}'
        | '\u{2e00}'..='\u{2e7f}'
        | '\u{3001}'..='\u{3003}'
        | '\u{3008}'..='\u{3011}'
        | '\u{3014}'..='\u{301f}'
        | '\u{3030}'
        | '\u{303d}'
        | '\u{30a0}'
        | '\u{30fb}'
        | '\u{a4fe}'..='\u{a4ff}'
        | '\u{a60d}'..='\u{a60f}'
        | '\u{fd3e}'..='\u{fd3f}' => Kind::Space,
        // Thai, Lao, Myanmar, Khmer.
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{19e0}'..='\u{19ff}'
        | '\u{a9e0}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aa7f}' => Kind::Alone,
        // Han, Hiragana, Katakana, Bopomofo.
        '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}' => Kind::Alone,
        _ => return None,
    })
}
