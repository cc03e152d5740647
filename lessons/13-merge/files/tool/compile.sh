# Turns the sources into one small program.
last=$(tail -n 1 sources.txt)
echo "echo \"made of $(wc -l < sources.txt) lines: $last\"" > program.sh
