//! Cycles: things that wait for each other for ever.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use landfall_model::reference::references;
use landfall_model::{Address, Finding, Path, Place, Reference, Root, Stack};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use serde_json::Value;

use crate::reader::Reader;

/// A graph whose edges know the field that makes them.
type Graph = DiGraph<Address, Path>;

impl Reader<'_> {
    /// Finds cycles among resources, and among lookups.
    pub fn find_cycles(&mut self, stack: &Stack) {
        let resources = self.resource_graph(stack);
        for cycle in cycles(&resources) {
            let place = Place::Field(cycle.addresses[0].clone(), cycle.field.clone());
            self.report_cycle(place, &cycle, "");
        }
        for cycle in cycles(&lookup_graph(stack)) {
            let span = self.lookups.get(&cycle.addresses[0]).copied();
            let place = span.map_or(Place::Nowhere, |span| self.source.place(span));
            self.report_cycle(place, &cycle, "lookup.");
        }
    }

    fn report_cycle(&mut self, place: Place, cycle: &Cycle, prefix: &str) {
        let mut names: Vec<String> =
            cycle.addresses.iter().map(|address| format!("{prefix}{address}")).collect();
        names.extend(names.first().cloned());
        let finding = Finding::error(place, format!("a cycle: {}", names.join(" -> ")));
        self.findings
            .push(finding.help("each waits for the next; one of the references has to go"));
    }

    /// Who waits for whom. A field that is set after the create call makes nobody wait but those
    /// that wait until its resource is ready. So each resource stands for two: as it is made, and
    /// with all that is set later.
    fn resource_graph(&self, stack: &Stack) -> Graph {
        let mut graph = Graph::new();
        let made = add_nodes(&mut graph, stack.resources.keys());
        let ready = add_nodes(&mut graph, stack.resources.keys());
        for (address, declared) in &stack.resources {
            let rules = self.kind(&address.kind).map(|kind| &kind.rules);
            graph.add_edge(ready[address], made[address], Path::default());
            for (field, value) in declared.spec.as_object().into_iter().flatten() {
                let rule = rules.and_then(|rules| rules.field(field));
                let later = rule.is_some_and(|rule| rule.after_create);
                let from = if later { ready[address] } else { made[address] };
                for (reference, path) in located(value, &Path::field(field)) {
                    let nodes = if self.is_late(&reference) { &ready } else { &made };
                    if let Some(to) = reference.address().and_then(|to| nodes.get(to)) {
                        graph.add_edge(from, *to, path);
                    }
                }
            }
            for to in declared.depends_on.iter().filter_map(|to| ready.get(to)) {
                graph.add_edge(made[address], *to, Path::field("depends_on"));
            }
        }
        graph
    }

    /// Whether a reference is to an output that is known only once its resource is ready.
    fn is_late(&self, reference: &Reference) -> bool {
        let kind = reference.address().and_then(|to| self.kind(&to.kind));
        kind.is_some_and(|kind| kind.rules.late_outputs.contains(&reference.output.as_str()))
    }
}

fn lookup_graph(stack: &Stack) -> Graph {
    let mut graph = Graph::new();
    let nodes = add_nodes(&mut graph, stack.lookups.keys());
    for (address, declared) in &stack.lookups {
        for reference in references(&declared.spec) {
            if let Root::Lookup(to) = &reference.root
                && let Some(to) = nodes.get(to)
            {
                graph.add_edge(nodes[address], *to, Path::default());
            }
        }
    }
    graph
}

fn add_nodes<'a>(
    graph: &mut Graph,
    addresses: impl Iterator<Item = &'a Address>,
) -> HashMap<&'a Address, NodeIndex> {
    addresses.map(|address| (address, graph.add_node(address.clone()))).collect()
}

/// All references in a value, each with its path.
fn located(value: &Value, path: &Path) -> Vec<(Reference, Path)> {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| located(item, &path.index(index)))
            .collect(),
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| {
                let keys = references(&Value::String(key.clone()));
                let keys = keys.into_iter().map(|reference| (reference, path.clone()));
                keys.chain(located(value, &path.key(key))).collect::<Vec<_>>()
            })
            .collect(),
        text => references(text).into_iter().map(|reference| (reference, path.clone())).collect(),
    }
}

/// Addresses that wait for each other in a ring, and the field by which the first of them does.
struct Cycle {
    addresses: Vec<Address>,
    field: Path,
}

/// One cycle, the shortest, for each knot in the graph.
fn cycles(graph: &Graph) -> Vec<Cycle> {
    tarjan_scc(graph)
        .into_iter()
        .filter_map(|mut knot| {
            // In the order of the spec, so that the same spec gives the same message.
            knot.sort();
            let first = *knot.first()?;
            if knot.len() == 1 && graph.find_edge(first, first).is_none() {
                return None;
            }
            shortest(graph, first)
        })
        .collect()
}

fn shortest(graph: &Graph, start: NodeIndex) -> Option<Cycle> {
    let mut came_from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in graph.neighbors(node) {
            if next == start {
                return Some(ring(graph, start, node, &came_from));
            }
            if let Entry::Vacant(unseen) = came_from.entry(next) {
                unseen.insert(node);
                queue.push_back(next);
            }
        }
    }
    None
}

fn ring(
    graph: &Graph,
    start: NodeIndex,
    last: NodeIndex,
    came_from: &HashMap<NodeIndex, NodeIndex>,
) -> Cycle {
    let mut nodes = vec![last];
    while let Some(before) = nodes.last().and_then(|node| came_from.get(node)) {
        nodes.push(*before);
    }
    nodes.reverse();
    let next = nodes.get(1).copied().unwrap_or(start);
    // Edges come newest first; the field that stands first in the spec is the one to show.
    let field = graph.edges_connecting(start, next).last().map(|edge| edge.weight().clone());
    let mut addresses: Vec<Address> = nodes.iter().map(|node| graph[*node].clone()).collect();
    addresses.dedup();
    if addresses.len() > 1 && addresses.first() == addresses.last() {
        addresses.pop();
    }
    Cycle { addresses, field: field.unwrap_or_default() }
}
