//! An embedded Kubewarden host.
