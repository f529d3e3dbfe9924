"""How Assay is put to work: images, proxy, Kubernetes, and `deploy.local`, which runs the same without containers."""
