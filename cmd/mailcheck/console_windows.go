package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// escapes switches a console's escape sequences on, and tells whether it has
// them: those of before Windows 10 have not.
func escapes(console *os.File) bool {
	var mode uint32
	handle := windows.Handle(console.Fd())
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
