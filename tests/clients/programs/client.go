// Puts an object and gets it, as code for production does; prints it and both statuses.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

const url = "https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com/objectstore/web-assets/greeting.txt"

func call(method string, body io.Reader) (int, string) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", os.Getenv("MOMENTO_API_KEY"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func main() {
	stored, _ := call("PUT", strings.NewReader(os.Args[1]))
	found, greeting := call("GET", nil)
	fmt.Printf("%d\n%s\n%d\n", stored, greeting, found)
}
