"""Makes the bundled model: data, drawn pictures, training loop, evaluation, release."""
