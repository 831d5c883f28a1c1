//! The pure planner: (desired, observed) to a plan. Graph, diff, replacement order, steps.
