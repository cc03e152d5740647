echo "The app has $(wc -l < pages.txt) lines of pages."
