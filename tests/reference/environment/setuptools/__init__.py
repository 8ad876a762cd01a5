"""In setuptools' place while the reference is installed: packs basicsr as it is."""
