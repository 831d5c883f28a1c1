//! Inputs that are nearly those of the corpus.

use proptest::prelude::*;
use proptest::sample::Index;

/// One change to an input. Places count along it, so that every edit fits every input.
#[derive(Clone, Debug)]
enum Edit {
    /// A bit is turned round.
    Flip(Index, u8),
    /// A byte takes the place of another.
    Put(Index, u8),
    /// A stretch goes.
    Cut(Index, usize),
    /// A stretch comes once more, somewhere else.
    Repeat(Index, usize, Index),
    /// A stretch of another input comes in.
    Splice(Index, Index, Index, usize),
    /// A word of the language comes in, over what is there or between.
    Word(Index, Index, bool),
    /// The rest goes.
    End(Index),
}

/// Any input that a few edits make of one in the corpus.
pub fn mutations(
    inputs: Vec<(String, Vec<u8>)>,
    words: Vec<Vec<u8>>,
) -> impl Strategy<Value = Vec<u8>> {
    let inputs: Vec<Vec<u8>> = inputs.into_iter().map(|(_, bytes)| bytes).collect();
    (any::<Index>(), prop::collection::vec(any_edit(), 1..8)).prop_map(move |(start, edits)| {
        let mut bytes = inputs[start.index(inputs.len())].clone();
        edits.iter().for_each(|edit| edit.apply(&mut bytes, &inputs, &words));
        bytes
    })
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    let length = || prop_oneof![3 => 1..20usize, 1 => 20..600usize];
    prop_oneof![
        2 => (place(), 0u8..8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        2 => (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Put(at, byte)),
        3 => (place(), length()).prop_map(|(at, length)| Edit::Cut(at, length)),
        3 => (place(), length(), place()).prop_map(|(from, length, to)| Edit::Repeat(from, length, to)),
        3 => (place(), place(), place(), length())
            .prop_map(|(at, other, from, length)| Edit::Splice(at, other, from, length)),
        6 => (place(), place(), any::<bool>()).prop_map(|(at, word, over)| Edit::Word(at, word, over)),
        1 => place().prop_map(Edit::End),
    ]
}

/// A stretch of so many bytes, as far as there are so many.
fn stretch(bytes: &[u8], from: &Index, length: usize) -> Vec<u8> {
    let from = from.index(bytes.len() + 1);
    bytes[from..bytes.len().min(from + length)].to_vec()
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>, inputs: &[Vec<u8>], words: &[Vec<u8>]) {
        let at = |index: &Index| index.index(bytes.len() + 1);
        let (place, length, new) = match self {
            Edit::Flip(place, bit) => {
                let place = at(place);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << bit;
                }
                return;
            }
            Edit::Put(place, byte) => (at(place), 1, vec![*byte]),
            Edit::Cut(place, length) => (at(place), *length, Vec::new()),
            Edit::Repeat(from, length, to) => (at(to), 0, stretch(bytes, from, *length)),
            Edit::Splice(place, other, from, length) => {
                let other = &inputs[other.index(inputs.len())];
                (at(place), 0, stretch(other, from, *length))
            }
            Edit::Word(place, word, over) if !words.is_empty() => {
                let word = words[word.index(words.len())].clone();
                (at(place), if *over { word.len() } else { 0 }, word)
            }
            Edit::Word(..) => return,
            Edit::End(place) => (at(place), usize::MAX, Vec::new()),
        };
        let end = place.saturating_add(length).min(bytes.len());
        bytes.splice(place..end, new);
    }
}
