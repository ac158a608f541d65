"""What tests share: real servers, the sandbox, a whole stack that can be hurt."""
