//! Runs a plan against a cloud: scheduler, converge loop, retries, stop.
