"""The order of evaluation: strongly connected components, scans."""
