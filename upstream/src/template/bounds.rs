//! What a template may be, before it is parsed.
//!
//! The template engine's parser, compiler and the drop of what they make recurse
//! with each operator of an expression and each block within a block. Its lexer does
//! not, so the tokens are counted first.

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::{
    Excess, MAX_BLOCKS, MAX_BRACKETS, MAX_OPERATORS, MAX_TEMPLATE_BYTES, MAX_TEMPLATE_TOKENS,
    TemplateError,
};

/// Words that take the place of an operator.
const OPERATORS: [&str; 8] = ["and", "or", "not", "in", "is", "if", "else", "elif"];
/// Words that open a block.
const OPENING: [&str; 6] = ["for", "if", "with", "filter", "call", "macro"];
/// Words that open a block which no other word of theirs closes.
const FURTHER: &str = "elif";

/// Counts the tokens of the templates of one request.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    tokens: usize,
}

impl Bounds {
    /// Refuses a template that is too much to parse. What is no template at all is
    /// left to the parser, which says so better.
    pub(super) fn check(
        &mut self,
        source: &str,
        syntax: &SyntaxConfig,
    ) -> Result<(), TemplateError> {
        if source.len() > MAX_TEMPLATE_BYTES {
            let advice = "send long texts as variables or as messages of their own";
            return Err(exceeds(Excess::Bytes, MAX_TEMPLATE_BYTES, None, advice));
        }
        let mut expression = Expression::default();
        let mut blocks = Blocks::default();
        for token in tokenize(source, false, syntax.clone()) {
            let Ok((token, span)) = token else { return Ok(()) };
            let line = Some(usize::from(span.start_line));
            if !matches!(token, Token::TemplateData(_)) {
                self.tokens += 1;
            }
            if self.tokens > MAX_TEMPLATE_TOKENS {
                let advice = "send parts of it as variables";
                return Err(exceeds(Excess::Tokens, MAX_TEMPLATE_TOKENS, line, advice));
            }
            blocks.take(&token, expression.is_first);
            expression.take(&token);
            let (excess, limit) = if expression.operators > MAX_OPERATORS {
                (Excess::Operators, MAX_OPERATORS)
            } else if expression.brackets > MAX_BRACKETS {
                (Excess::Brackets, MAX_BRACKETS)
            } else if blocks.depth > MAX_BLOCKS {
                (Excess::Blocks, MAX_BLOCKS)
            } else {
                continue;
            };
            return Err(exceeds(excess, limit, line, "split it up"));
        }
        Ok(())
    }
}

/// What stands within one pair of braces.
#[derive(Default)]
struct Expression {
    /// Whether the next token is the first one of a statement, which names it.
    is_first: bool,
    operators: usize,
    brackets: usize,
}

impl Expression {
    fn take(&mut self, token: &Token<'_>) {
        let is_first = std::mem::take(&mut self.is_first);
        match token {
            Token::VariableStart => *self = Self::default(),
            Token::BlockStart => *self = Self { is_first: true, ..Self::default() },
            Token::BracketOpen | Token::ParenOpen | Token::BraceOpen => {
                self.operators += 1;
                self.brackets += 1;
            }
            Token::BracketClose | Token::ParenClose | Token::BraceClose => {
                self.brackets = self.brackets.saturating_sub(1);
            }
            Token::Ident(word) if !is_first && OPERATORS.contains(word) => self.operators += 1,
            Token::TemplateData(_)
            | Token::VariableEnd
            | Token::BlockEnd
            | Token::Ident(_)
            | Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_)
            | Token::Comma
            | Token::Colon
            | Token::Assign => {}
            _ => self.operators += 1,
        }
    }
}

/// How deeply blocks nest.
#[derive(Default)]
struct Blocks {
    depth: usize,
    /// The `elif` of each block that is open.
    further: Vec<usize>,
    is_set: bool,
}

impl Blocks {
    fn take(&mut self, token: &Token<'_>, is_first: bool) {
        match token {
            Token::Ident("set") if is_first => self.is_set = true,
            // `set` without a value opens a block.
            Token::Assign => self.is_set = false,
            Token::BlockEnd if std::mem::take(&mut self.is_set) => self.open(),
            Token::Ident(word) if is_first && OPENING.contains(word) => self.open(),
            Token::Ident(word) if is_first && *word == FURTHER => {
                self.depth += 1;
                if let Some(further) = self.further.last_mut() {
                    *further += 1;
                }
            }
            Token::Ident(word) if is_first && word.starts_with("end") => {
                let closed = self.further.pop().map_or(0, |further| further + 1);
                self.depth = self.depth.saturating_sub(closed);
            }
            _ => {}
        }
    }

    fn open(&mut self) {
        self.depth += 1;
        self.further.push(0);
    }
}

fn exceeds(what: Excess, limit: usize, line: Option<usize>, advice: &str) -> TemplateError {
    TemplateError::Exceeds { what, limit: limit as u64, line, advice: advice.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excess(source: &str) -> Option<Excess> {
        match Bounds::default().check(source, &SyntaxConfig::default()) {
            Err(TemplateError::Exceeds { what, .. }) => Some(what),
            _ => None,
        }
    }

    /// A template with so many of something, up to the limit and one more.
    fn at_the_bound(what: Excess, limit: usize, template: impl Fn(usize) -> String) {
        assert_eq!(excess(&template(limit)), None, "{what}");
        assert_eq!(excess(&template(limit + 1)), Some(what), "{what}");
    }

    #[test]
    fn each_limit_is_met_and_not_passed() {
        at_the_bound(Excess::Bytes, MAX_TEMPLATE_BYTES, |n| {
            format!("{{{{a}}}}{}", "x".repeat(n - 5))
        });
        let lists = |n: usize| "{{1}}".repeat(n / 3) + &"{{".repeat(n % 3);
        assert_eq!(excess(&lists(MAX_TEMPLATE_TOKENS / 3 * 3)), None);
        assert_eq!(excess(&lists(MAX_TEMPLATE_TOKENS + 3)), Some(Excess::Tokens));
        at_the_bound(Excess::Brackets, MAX_BRACKETS, |n| {
            format!("{{{{{}1{}}}}}", "[".repeat(n), "]".repeat(n))
        });
        for block in
            ["{% for a in b %}", "{% if a %}", "{% set a %}", "{% call a() %}", "{% if a %}"]
        {
            at_the_bound(Excess::Blocks, MAX_BLOCKS, |n| block.repeat(n));
        }
        at_the_bound(Excess::Blocks, MAX_BLOCKS, |n| {
            format!("{{% if a %}}{}", "{% elif a %}".repeat(n - 1))
        });
    }

    #[test]
    fn every_operator_counts() {
        for sign in
            ["-", "+a", "~a", "*a", "**a", "//a", "%a", ".b", "|e", " and a", " or a", " is b"]
        {
            let (before, after) = if sign == "-" { ("", "a") } else { ("a", "") };
            at_the_bound(Excess::Operators, MAX_OPERATORS, |n| {
                format!("{{{{ {before}{}{after} }}}}", sign.repeat(n))
            });
        }
        at_the_bound(Excess::Operators, MAX_OPERATORS, |n| {
            format!("{{{{ a{} }}}}", "()".repeat(n))
        });
        at_the_bound(Excess::Operators, MAX_OPERATORS, |n| {
            format!("{{{{{}a}}}}", " not ".repeat(n))
        });
    }

    #[test]
    fn what_is_long_and_flat_is_no_trouble() {
        let cases = "{% if a == 1 %}x{% elif a == 2 %}y{% else %}z{% endif %}\n".repeat(500);
        assert_eq!(excess(&cases), None);
        let list = format!("{{{{ [{}] }}}}", "1, 'a', ".repeat(1_000));
        assert_eq!(excess(&list), None);
    }
}
