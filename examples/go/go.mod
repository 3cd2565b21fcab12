module example.com/rcsp-studio

go 1.21
