//! Plans and events in, text out: terminal, plain lines, JSON, graphs, progress.
