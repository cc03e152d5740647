# Makes the program out of the package.
echo 'echo The soup is ready.; exit' > program
head -c 1000000 package >> program
