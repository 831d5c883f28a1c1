//! The command line as a user meets it: output, exit codes, and that nothing is called in vain.

mod bad_input;
mod credentials;
mod interface;
