// An independent verifier for the log's proofs: the transparency log and signed note packages of the Go project
// (golang.org/x/mod/sumdb). It reads a request as JSON on standard input and answers as JSON on standard output.
package main

import (
	"crypto/rand"
	"encoding/json"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index, Size int64
	Root, Leaf  tlog.Hash
	Proof       []tlog.Hash
}

type request struct {
	Entries   [][]byte // the log, from its first entry on
	Sizes     []int64  // tree sizes to give the root of
	Inclusion []inclusion
	Key       string // verifier key
	Notes     [][]byte
	SignAs    string // sign a text under a fresh key of this name
	Text      string
}

type answer struct {
	Roots      []tlog.Hash
	Proofs     [][]tlog.Hash // our own proof for each Inclusion asked
	Inclusion  []string      // "" or what is wrong
	Notes      []string
	SignedKey  string
	SignedNote []byte
}

func main() {
	var asked request
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	for number, entry := range asked.Entries {
		hashes, err := tlog.StoredHashes(int64(number), entry, reader)
		must(err)
		stored = append(stored, hashes...)
	}
	var said answer
	for _, size := range asked.Sizes {
		root, err := tlog.TreeHash(size, reader)
		must(err)
		said.Roots = append(said.Roots, root)
	}
	for _, one := range asked.Inclusion {
		proof, err := tlog.ProveRecord(one.Size, one.Index, reader)
		must(err)
		said.Proofs = append(said.Proofs, proof)
		said.Inclusion = append(said.Inclusion, text(tlog.CheckRecord(one.Proof, one.Size, one.Root, one.Index, one.Leaf)))
	}
	if asked.Key != "" {
		verifier, err := note.NewVerifier(asked.Key)
		must(err)
		for _, bytes := range asked.Notes {
			_, err := note.Open(bytes, note.VerifierList(verifier))
			said.Notes = append(said.Notes, text(err))
		}
	}
	if asked.SignAs != "" {
		private, public, err := note.GenerateKey(rand.Reader, asked.SignAs)
		must(err)
		signer, err := note.NewSigner(private)
		must(err)
		said.SignedKey = public
		said.SignedNote, err = note.Sign(&note.Note{Text: asked.Text}, signer)
		must(err)
	}
	must(json.NewEncoder(os.Stdout).Encode(said))
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
