//! Reads what a TypeScript or Svelte source imports: `import … from 'x'`, `import 'x'`, `export … from 'x'`, `import('x')`.
//!
//! Not a parser: a tokenizer that knows comments, strings, templates and regular expressions, which is enough to find
//! imports and never takes text for code.

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) specifier: String,
    /// `import type …` or `export type …`: nothing of it is there when the program runs.
    pub(super) type_only: bool,
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Imports of one source, in order.
pub(super) fn imports(file: &str, source: &str) -> Vec<Import> {
    let has_markup = std::path::Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "svelte");
    if has_markup {
        scripts(source)
            .iter()
            .flat_map(|script| from_tokens(&tokens(script)))
            .collect()
    } else {
        from_tokens(&tokens(source))
    }
}

/// The contents of `<script>` elements.
fn scripts(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((_, body)) = after.split_once('>') else {
            break;
        };
        let Some((script, after)) = body.split_once("</script>") else {
            break;
        };
        found.push(script);
        rest = after;
    }
    found
}

fn from_tokens(tokens: &[Token]) -> Vec<Import> {
    let mut found = Vec::new();
    // Where the statement that may turn out an import began, and whether it said `type`.
    let mut type_only = false;
    let mut before: [Option<&Token>; 2] = [None, None];
    for token in tokens {
        match (before, token) {
            ([_, Some(Token::Word(word))], Token::Word(next))
                if word == "import" || word == "export" =>
            {
                type_only = next == "type";
            }
            ([_, Some(Token::Word(word))], Token::Mark('{' | '*'))
                if word == "import" || word == "export" =>
            {
                type_only = false;
            }
            ([_, Some(Token::Word(word))], Token::Text(specifier)) if word == "from" => {
                found.push(Import {
                    specifier: specifier.clone(),
                    type_only,
                });
            }
            ([_, Some(Token::Word(word))], Token::Text(specifier)) if word == "import" => {
                found.push(Import {
                    specifier: specifier.clone(),
                    type_only: false,
                });
            }
            ([Some(Token::Word(word)), Some(Token::Mark('('))], Token::Text(specifier))
                if word == "import" =>
            {
                found.push(Import {
                    specifier: specifier.clone(),
                    type_only: false,
                });
            }
            _ => {}
        }
        before = [before[1], Some(token)];
    }
    found
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_whitespace() {
            continue;
        }
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|&c| c != '\n').is_some() {},
            '/' if rest.peek() == Some(&'*') => {
                rest.next();
                let mut last = ' ';
                for c in rest.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            '/' if begins_expression(tokens.last()) => {
                let mut in_class = false;
                while let Some(c) = rest.next_if(|&c| c != '\n') {
                    match c {
                        '\\' => drop(rest.next()),
                        '[' => in_class = true,
                        ']' => in_class = false,
                        '/' if !in_class => break,
                        _ => {}
                    }
                }
                tokens.push(Token::Mark('/'));
            }
            '\'' | '"' | '`' => {
                let mut text = String::new();
                while let Some(inner) = rest.next() {
                    match inner {
                        '\\' => drop(rest.next()),
                        end if end == c => break,
                        other => text.push(other),
                    }
                }
                tokens.push(Token::Text(text));
            }
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|&c| is_word(c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
            mark => tokens.push(Token::Mark(mark)),
        }
    }
    tokens
}

/// Whether a `/` after this token begins a regular expression rather than divides.
fn begins_expression(before: Option<&Token>) -> bool {
    match before {
        None => true,
        Some(Token::Mark(mark)) => !matches!(mark, ')' | ']' | '}'),
        Some(Token::Word(word)) => {
            matches!(word.as_str(), "return" | "typeof" | "case" | "in" | "of")
        }
        Some(Token::Text(_)) => false,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specifiers(source: &str) -> Vec<String> {
        imports("a.ts", source)
            .into_iter()
            .map(|import| import.specifier)
            .collect()
    }

    #[test]
    fn every_form_of_import_is_found() {
        let source = "import a from './a';\nimport {\n  b,\n  type C,\n} from \"./b\";\nimport './c';\nexport * from './d';\n\
            export { e } from './e';\nconst f = await import('./f');";
        assert_eq!(
            specifiers(source),
            ["./a", "./b", "./c", "./d", "./e", "./f"]
        );
    }

    #[test]
    fn text_and_comments_are_not_taken_for_imports() {
        let source = "// import './a';\n/* import './b' */\nconst s = \"news from 'c'\";\nconst t = `import './d'`;\n\
            const r = /from '/; const u = 4 / 2; const v = \"x\";";
        assert_eq!(specifiers(source), Vec::<String>::new());
    }

    #[test]
    fn imports_of_types_are_told_apart() {
        let source = "import type { A } from './a';\nimport { B } from './b';\nexport type { C } from './c';\nimport d from './d';";
        let types: Vec<bool> = imports("a.ts", source)
            .iter()
            .map(|import| import.type_only)
            .collect();
        assert_eq!(types, [true, false, true, false]);
    }

    #[test]
    fn of_a_component_only_the_scripts_are_read() {
        let source = "<script lang=\"ts\">import A from './A.svelte';</script><p>import from 'nowhere', it's text</p>";
        assert_eq!(imports("B.svelte", source).len(), 1);
    }
}
