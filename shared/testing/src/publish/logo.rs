//! `logo.svg`: a hull on waves, in the colour of what the policy is about, with the initials of the policy.

use super::text::GENERATED;
use shared::module::Module;

/// The logo of `M`.
pub(super) fn logo<M: Module>() -> String {
    let colour = M::FACTS.category.colour;
    let initials: String =
        M::NAME.split('-').filter_map(|word| word.chars().next()).map(|letter| letter.to_ascii_uppercase()).collect();
    let title = M::FACTS.title;
    format!(
        r##"<!-- {GENERATED} -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" role="img" aria-label="{title}">
  <rect width="128" height="128" rx="24" fill="{colour}"/>
  <text x="64" y="58" fill="#fff" font-family="sans-serif" font-size="36" font-weight="700" text-anchor="middle">{initials}</text>
  <path d="M24 72h80l-14 24H38z" fill="#fff"/>
  <path d="M16 106q12-10 24 0t24 0 24 0 24 0" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round"/>
</svg>
"##
    )
}
