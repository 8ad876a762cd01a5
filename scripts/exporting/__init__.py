"""Real-ESRGAN's models: from the files their authors published to the files 4XL loads, checked all the way."""
