echo "Hello, this is version 1"
ls lib
