// Calls a command and follows events with the standard library alone.
//
// Usage: GATEWAY=http://studio-gw:8080 TOKEN=… go run .
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

var gateway = strings.TrimRight(envOr("GATEWAY", "http://127.0.0.1:8080"), "/")

func envOr(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// Problem is what the gateway answers when a command fails (RFC 9457).
type Problem struct {
	Code    string `json:"code"`
	Detail  string `json:"detail"`
	Outcome string `json:"outcome"` // not-sent, no-answer (it may have run) or rejected
}

func (p *Problem) Error() string { return fmt.Sprintf("%s: %s (%s)", p.Code, p.Detail, p.Outcome) }

func request(method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequest(method, gateway+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if token := os.Getenv("TOKEN"); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

// Call runs a command by its name. answer may be nil.
func Call(command string, arguments map[string]any, answer any) error {
	body, err := json.Marshal(map[string]any{"Arguments": arguments})
	if err != nil {
		return err
	}
	req, err := request("POST", "/v1/commands/"+command, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		problem := &Problem{Code: response.Status}
		_ = json.NewDecoder(response.Body).Decode(problem)
		return problem
	}
	if response.StatusCode == http.StatusNoContent || answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// Follow reads server-sent events until the stream ends, and returns the id to resume from.
func Follow(channel, lastID string, handle func(data string)) (string, error) {
	req, err := request("GET", "/v1/events?channel="+channel, nil)
	if err != nil {
		return lastID, err
	}
	req.Header.Set("Accept", "text/event-stream")
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		return lastID, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return lastID, fmt.Errorf("events: %s", response.Status)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 0, 64*1024), 1<<24)
	for lines.Scan() {
		if id, found := strings.CutPrefix(lines.Text(), "id: "); found {
			lastID = id
		} else if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			handle(data)
		}
	}
	return lastID, lines.Err()
}

func main() {
	var name struct{ DeviceName string }
	if err := Call("GetDeviceName", map[string]any{"DeviceId": 1}, &name); err != nil {
		log.Fatal(err)
	}
	fmt.Println(name.DeviceName)

	lastID := ""
	for {
		var err error
		lastID, err = Follow("Logs/*", lastID, func(data string) { fmt.Println(data) })
		log.Println("the stream ended:", err)
		time.Sleep(time.Second)
	}
}
