//! YAML to located declarations: variables, references, schema, and errors with line and hint.
