"""What is drawn for training, each kind of picture by a function of a picture and of chance.

- picking: colours, points and boxes by chance
- patterns: what repeats over a plane, as numbers
- surfaces: uneven grounds, and textures to fill areas with
- fonts: the font files of each script
- lettering: words in a font, laid in lines
- pages: text over plain paper and over anything
- screens: what programs and web pages look like
- outlines: line art and comics
- shapes: leaves that cover one another, gradients, textures beside one another
"""
