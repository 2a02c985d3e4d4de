"""Names of equations counted: parameters, connections, multiply-adds. May import `elaborate`."""
