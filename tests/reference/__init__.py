"""What 4XL computes against what Real-ESRGAN's own program computes."""
