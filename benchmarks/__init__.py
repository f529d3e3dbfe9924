"""Speed and memory of Assay beside the paper's own server, as ratios measured in one run."""
