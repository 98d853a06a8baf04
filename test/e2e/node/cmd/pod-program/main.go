// Command pod-program is all that is in the test image besides a library: it does to its container's
// files what its arguments say, one after the other.
//
//	write:FILE:BYTES    writes a file of random bytes
//	append:FILE:TEXT    adds text to a file, which copies a file of the image into the writable layer
//	delete:FILE
//	empty:FOLDER:COUNT  makes empty files
//	rotate:FOLDER:COUNT keeps that many files and replaces now this one, now that one, for ever
//	crash:MARK:BYTES    the first time, writes a file and fails; not when the file MARK is there
//	say:TEXT
//	exit:CODE
//	hold                sleeps until it is killed
package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	for _, argument := range os.Args[1:] {
		step := strings.SplitN(argument, ":", 3)
		if err := do(step[0], append(step[1:], "", "")); err != nil {
			log.Fatalf("%s: %v", argument, err)
		}
	}
}

func do(verb string, arguments []string) error {
	target, detail := arguments[0], arguments[1]
	switch verb {
	case "write":
		return write(target, number(detail))
	case "append":
		return appendTo(target, detail)
	case "delete":
		return os.Remove(target)
	case "empty":
		return empty(target, number(detail))
	case "rotate":
		return rotate(target, number(detail))
	case "crash":
		return crashOnce(target, number(detail))
	case "say":
		fmt.Println(target)
	case "exit":
		os.Exit(number(target))
	case "hold":
		for {
			time.Sleep(time.Hour)
		}
	default:
		return fmt.Errorf("unknown step %q", verb)
	}
	return nil
}

func write(name string, size int) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(file, rand.Reader, int64(size)); err != nil {
		return err
	}
	return file.Close()
}

func appendTo(name, text string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		return err
	}
	return file.Close()
}

func empty(folder string, count int) error {
	for i := range count {
		if err := write(filepath.Join(folder, strconv.Itoa(i)), 0); err != nil {
			return err
		}
	}
	return nil
}

// Replaces a file every half millisecond: whoever lists the folder and then looks at each file finds
// that some of them are gone.
func rotate(folder string, count int) error {
	names := make([]string, count)
	for turn := 0; ; turn++ {
		at := turn
		if turn >= count {
			at = mathrand.IntN(count)
			if err := os.Remove(names[at]); err != nil {
				return err
			}
			time.Sleep(500 * time.Microsecond)
		}
		names[at] = filepath.Join(folder, fmt.Sprintf("%d-%d", at, turn))
		if err := write(names[at], 0); err != nil {
			return err
		}
	}
}

func crashOnce(mark string, size int) error {
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	if err := write(mark, 0); err != nil {
		return err
	}
	if err := write("/data/file", size); err != nil {
		return err
	}
	return errors.New("this crash is part of the test")
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatalf("not a number: %q", text)
	}
	return value
}
