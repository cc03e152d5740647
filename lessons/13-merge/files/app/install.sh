# Stands for "npm install": notes down what was installed.
date > installed.txt
