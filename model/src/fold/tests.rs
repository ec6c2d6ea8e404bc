use proptest::prelude::*;

use super::*;

#[test]
fn case_accents_and_compatibility_forms_are_one() {
    for (text, folded) in [
        ("Zoé", "zoe"),
        ("ZOE\u{301}", "zoe"),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("İstanbul ılık", "istanbul ilik"),
        ("Łódź Ærø", "lodz aero"),
        ("ﬁne Ⅳ ½ m²", "fine iv 1/2 m2"),
        ("ＡＢＣ１２３", "abc123"),
        ("Йод", "иод"),
        ("한국어", "한국어"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("soft\u{ad}hyphen zero\u{200d}width", "softhyphen zerowidth"),
    ] {
        assert_eq!(fold(text), folded, "{text}");
    }
}

#[test]
fn punctuation_becomes_ascii_or_a_space() {
    assert_eq!(fold("don’t “quote” «this» – now…"), "don't \"quote\" \"this\" - now...");
    assert_eq!(fold("¿Qué?¡Ya!"), "que? ya!");
    assert_eq!(fold("one，two・three"), "one,two three");
}

#[test]
fn white_space_and_controls_are_one_space_and_none_at_the_ends() {
    assert_eq!(fold(" \t a\r\n\u{0}\u{a0}\u{3000}b\u{2028} "), "a b");
    assert_eq!(fold("\u{200b}"), "");
}

#[test]
fn scripts_without_spaces_and_symbols_stand_alone() {
    assert_eq!(fold("申请退款。谢谢"), "申 请 退 款 . 谢 谢");
    assert_eq!(fold("iPhone手机2台"), "iphone 手 机 2 台");
    assert_eq!(fold("ｶﾞｲﾄﾞ"), "ガ イ ド");
    assert_eq!(fold("ไทย"), "ไ ท ย");
    assert_eq!(fold("ok👍🏽👨‍👩‍👧!"), "ok 👍 🏽 👨 👩 👧 !");
    assert_eq!(fold("€50→20°"), "€ 50 → 20 °");
    assert!(fold("申请退款").contains(&fold("退款")));
}

#[test]
fn tokens_split_at_ascii_alone() {
    let folded = fold("e-mail: zoé_b@x.io 退款 हिन्दी");
    let found: Vec<_> = tokens(&folded).collect();
    assert_eq!(found, ["e", "mail", "zoe", "b", "x", "io", "退", "款", "हिन्दी"]);
}

#[test]
fn every_character_folds_once() {
    for c in '\0'..='\u{323af}' {
        let once = fold(&format!("a{c}b"));
        assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        let alone = fold(&c.to_string());
        assert_eq!(fold(&alone), alone, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn no_separator_is_left_inside_a_token() {
    for c in '\u{80}'..='\u{323af}' {
        let folded = fold(&format!("a{c}b"));
        let inside = folded.chars().filter(|c| !c.is_ascii());
        for c in inside.filter(|c| !c.is_alphanumeric() && !is_combining_mark(*c)) {
            assert!(folded.contains(&format!(" {c} ")), "U+{:04X}: {folded}", u32::from(c));
        }
    }
}

#[test]
fn a_limit_cuts_between_characters() {
    let mut out = "x\n".to_owned();
    assert!(!fold_onto(&mut out, "é 退款 abc", 7));
    assert_eq!(out, "x\ne 退");
    assert!(fold_onto(&mut out, "", 0));
}

/// Texts with many marks, joiners and scripts.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,20}",
        "[a-eA-E \u{300}-\u{345}\u{200b}-\u{200f}\u{1100}-\u{1110}\u{1161}-\u{1170}か-ご\u{3099}退款กำ’。。\u{64b}\u{654}ا]{0,20}",
        proptest::collection::vec(any::<char>(), 0..20).prop_map(String::from_iter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn folding_twice_is_folding_once(text in text()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn a_prefix_of_a_folded_text_is_folded(text in text(), cut in any::<proptest::sample::Index>()) {
        let folded = fold(&text);
        let ends: Vec<_> = folded.char_indices().map(|(at, _)| at).chain([folded.len()]).collect();
        let prefix = &folded[..*cut.get(&ends)];
        prop_assert_eq!(fold(prefix), prefix.trim_end());
    }

    #[test]
    fn case_does_not_matter(text in "[a-zà-öø-ÿα-ωа-я ]{0,20}") {
        prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
    }
}
