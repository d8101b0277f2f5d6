package format

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
	"time"
)

// Limits of a workbook: rows and columns as the format has them, and the size of the table of texts, which is kept in memory.
const (
	maxSheetRow    = 1 << 20
	maxSheetColumn = 1 << 14
	maxTexts       = 64 << 20
)

// sheet reads the rows of one sheet of a workbook (ECMA-376): a header, then rows. Formulas count by the value that was saved with them; dates, which
// are numbers there, become dates.
type sheet struct {
	xml     *xml.Decoder
	meter   *meter
	texts   texts
	dates   []bool
	epoch   time.Time
	columns []Field
	fields  []Field
	// at is the place in columns of a column's letter number.
	at   map[int]int
	row  int
	done bool
}

// openXLSX opens a workbook. The file stays in use while rows are read.
func openXLSX(r io.Reader, o *Options) (Reader, error) {
	file, size, err := random(r)
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, packFault("xlsx", err)
	}
	s := &sheet{at: map[int]int{}, epoch: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	part, err := s.workbook(archive, o.Sheet)
	if err != nil {
		return nil, err
	}
	if err := s.styles(archive); err != nil {
		return nil, err
	}
	if s.texts, err = readTexts(archive); err != nil {
		return nil, err
	}
	opened, err := openPart(archive, part)
	if err != nil {
		return nil, err
	}
	s.meter = &meter{r: opened}
	s.xml = xml.NewDecoder(s.meter)
	if o.Header != nil {
		for i, name := range o.Header {
			s.columns = append(s.columns, Field{Name: name, Line: 1, Column: i + 1})
			s.at[i+1] = i
		}
		return s, uniqueNames(s.columns)
	}
	cells, err := s.next()
	if err == io.EOF {
		return nil, &RowError{Line: 1, Column: 1, Reason: "the sheet is empty", Fix: "begin with a header that names the columns", Final: true}
	}
	if err != nil {
		return nil, err
	}
	for _, c := range cells {
		if name := strings.TrimSpace(c.Text); name != "" {
			s.at[c.Column] = len(s.columns)
			s.columns = append(s.columns, Field{Name: name, Line: c.Line, Column: c.Column})
		}
	}
	return s, uniqueNames(s.columns)
}

func workbookFault(reason, fix string) *RowError {
	return &RowError{Line: 1, Column: 1, Reason: reason, Fix: fix, Final: true}
}

// openPart opens a part of the workbook. Parts lie in the archive; nothing else is ever opened.
func openPart(archive *zip.Reader, name string) (io.Reader, error) {
	for _, f := range archive.File {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, packFault("xlsx", err)
		}
		packed := max(int64(f.CompressedSize64), 1)
		return &bounded{r: r, packed: func() int64 { return packed }}, nil
	}
	return nil, workbookFault("the workbook has no part "+name, "save it as .xlsx once more")
}

// smallPart reads a part that describes the others.
func smallPart(archive *zip.Reader, name string, into any) error {
	r, err := openPart(archive, name)
	if err != nil {
		return err
	}
	err = xml.NewDecoder(io.LimitReader(r, 8*MaxRow)).Decode(into)
	var fault *RowError
	if err != nil && !errors.As(err, &fault) {
		return workbookFault(fmt.Sprintf("%s cannot be read: %v", name, err), "save the workbook once more")
	}
	return err
}

// workbook finds the part that holds a sheet.
func (s *sheet) workbook(archive *zip.Reader, wanted string) (string, error) {
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Relationships []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		} `xml:"Relationship"`
	}
	if err := smallPart(archive, "xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := smallPart(archive, "xl/_rels/workbook.xml.rels", &links); err != nil {
		return "", err
	}
	if book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true" {
		s.epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	var names []string
	for _, listed := range book.Sheets {
		names = append(names, fmt.Sprintf("%.40s", listed.Name))
		if wanted != "" && listed.Name != wanted {
			continue
		}
		for _, l := range links.Relationships {
			if l.ID == listed.ID && l.Mode != "External" {
				if rooted, is := strings.CutPrefix(l.Target, "/"); is {
					return rooted, nil
				}
				return path.Join("xl", l.Target), nil
			}
		}
		return "", workbookFault("the sheet lies outside the workbook", "copy it into the file")
	}
	return "", workbookFault(fmt.Sprintf("the workbook has no sheet %.40q", wanted), "there are "+strings.Join(names, ", "))
}

// styles finds out which styles of cells show dates.
func (s *sheet) styles(archive *zip.Reader) error {
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := smallPart(archive, "xl/styles.xml", &sheet); err != nil {
		var missing *RowError
		if errors.As(err, &missing) && strings.HasPrefix(missing.Reason, "the workbook has no part") {
			return nil
		}
		return err
	}
	own := map[int]string{}
	for _, f := range sheet.Formats {
		own[f.ID] = f.Code
	}
	for _, c := range sheet.Cells {
		id := c.Format
		builtIn := id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
		s.dates = append(s.dates, builtIn || showsDate(own[id]))
	}
	return nil
}

// showsDate says whether a format of numbers has a part of a date outside quotes and brackets.
func showsDate(code string) bool {
	quoted, bracketed := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '"':
			quoted = !quoted
		case c == '[':
			bracketed = true
		case c == ']':
			bracketed = false
		case !quoted && !bracketed && strings.IndexByte("dmyhsDMYHS", c) >= 0:
			return true
		}
	}
	return false
}

// texts are the shared texts of a workbook, one after the other.
type texts struct {
	all  []byte
	ends []int
}

func (t *texts) at(i int) (string, bool) {
	if i < 0 || i >= len(t.ends) {
		return "", false
	}
	start := 0
	if i > 0 {
		start = t.ends[i-1]
	}
	return string(t.all[start:t.ends[i]]), true
}

func readTexts(archive *zip.Reader) (t texts, err error) {
	const name = "xl/sharedStrings.xml"
	for _, f := range archive.File {
		if f.Name == name && f.UncompressedSize64 > maxTexts {
			return t, workbookFault(fmt.Sprintf("the texts of the workbook take more than %d bytes", maxTexts), "save the sheet as CSV")
		}
	}
	r, err := openPart(archive, name)
	if err != nil {
		// Workbooks without text have no such part.
		return texts{}, nil
	}
	d := xml.NewDecoder(io.LimitReader(r, maxTexts))
	inText, phonetic := false, false
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return t, workbookFault("the texts of the workbook cannot be read: "+err.Error(), "save it once more")
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "t":
				inText = true
			case "rPh":
				phonetic = true
			}
		case xml.EndElement:
			switch token.Name.Local {
			case "t":
				inText = false
			case "rPh":
				phonetic = false
			case "si":
				t.ends = append(t.ends, len(t.all))
			}
		case xml.CharData:
			if inText && !phonetic {
				t.all = append(t.all, token...)
			}
		}
	}
}

func (s *sheet) Columns() []Field { return withoutRejects(s.columns) }

func (s *sheet) Read() (Row, error) {
	cells, err := s.next()
	if err != nil {
		return Row{}, err
	}
	s.fields = s.fields[:0]
	for _, c := range s.columns {
		s.fields = append(s.fields, Field{Name: c.Name, Line: s.row, Column: c.Column})
	}
	for _, c := range cells {
		i, named := s.at[c.Column]
		if !named {
			return Row{}, (&RowError{Line: s.row, Column: c.Column, Reason: fmt.Sprintf("there is a value in a column that the header does not name: %.40q", c.Text),
				Fix: "name the column, or empty the cell", Text: cellsText(cells)}).of(s.fields)
		}
		s.fields[i].Text = c.Text
	}
	return corrected(Row{Line: s.row, Fields: s.fields})
}

// next reads the cells of the next row that has any.
func (s *sheet) next() ([]Field, error) {
	for !s.done {
		s.meter.read = 0
		token, err := s.xml.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, s.broken(err)
		}
		start, is := token.(xml.StartElement)
		if !is || start.Name.Local != "row" {
			continue
		}
		if err := s.number(start); err != nil {
			return nil, err
		}
		cells, err := s.cells()
		if err != nil {
			return nil, err
		}
		if len(cells) > 0 {
			return cells, nil
		}
	}
	s.done = true
	return nil, io.EOF
}

func (s *sheet) broken(err error) error {
	s.done = true
	var fault *RowError
	if errors.As(err, &fault) {
		return err
	}
	reason := fmt.Sprintf("the sheet cannot be read: %v", err)
	if errors.Is(err, errTooLong) {
		reason = fmt.Sprintf("a row is longer than %d bytes", MaxRow)
	}
	return &RowError{Line: s.row + 1, Column: 1, Reason: reason + "; reading stopped here", Fix: "save the workbook once more", Final: true}
}

// number takes over the number of a row.
func (s *sheet) number(start xml.StartElement) error {
	text := attribute(start, "r")
	if text == "" {
		s.row++
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > maxSheetRow || int(n) <= s.row {
		return s.broken(&RowError{Line: s.row + 1, Column: 1, Reason: fmt.Sprintf("%.30q is no number of a row that can stand here, 1 to %d in order; reading stopped here", text, maxSheetRow),
			Fix: "save the workbook once more", Final: true})
	}
	s.row = int(n)
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// cell is one cell as the file has it.
type cell struct {
	Reference string `xml:"r,attr"`
	Style     int    `xml:"s,attr"`
	Type      string `xml:"t,attr"`
	Value     string `xml:"v"`
	Inline    struct {
		Text string   `xml:"t"`
		Runs []string `xml:"r>t"`
	} `xml:"is"`
	Formula *struct{} `xml:"f"`
}

// cells reads the cells of a row that are not empty. A row with a cell at fault is read to its end.
func (s *sheet) cells() ([]Field, error) {
	var found []Field
	var fault *RowError
	column := 0
	for {
		token, err := s.xml.Token()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, s.broken(err)
		}
		switch token := token.(type) {
		case xml.EndElement:
			if token.Name.Local == "row" {
				if fault != nil {
					fault.Text = cellsText(found)
					return nil, fault
				}
				return found, nil
			}
		case xml.StartElement:
			if token.Name.Local != "c" {
				continue
			}
			var c cell
			if err := s.xml.DecodeElement(&c, &token); err != nil {
				return nil, s.broken(err)
			}
			column++
			if c.Reference != "" {
				column = columnOf(c.Reference)
			}
			text, why := s.text(c)
			if column < 1 || column > maxSheetColumn {
				why = fmt.Sprintf("%.20q is no place of a cell", c.Reference)
			}
			if why != "" && fault == nil {
				fault = &RowError{Line: s.row, Column: max(column, 1), Reason: why, Fix: "correct the cell, and save the workbook once more"}
			}
			if text != "" {
				found = append(found, Field{Text: text, Line: s.row, Column: column})
			}
		}
	}
}

// cellsText is a row as people copy it from a sheet: tabs part the cells.
func cellsText(cells []Field) string {
	var b strings.Builder
	column := 1
	for _, c := range cells {
		for ; column < c.Column; column++ {
			b.WriteByte('\t')
		}
		b.WriteString(c.Text)
	}
	return b.String()
}

// columnOf is the number of a cell's column: 28 of AB7; 0 where there is none.
func columnOf(reference string) int {
	n := 0
	for i := 0; i < len(reference) && reference[i] >= 'A' && reference[i] <= 'Z'; i++ {
		if n = n*26 + int(reference[i]-'A') + 1; n > maxSheetColumn {
			return 0
		}
	}
	return n
}

// text is what a cell says, or why it says nothing that can be used.
func (s *sheet) text(c cell) (text, why string) {
	if c.Formula != nil && c.Value == "" && c.Type != "str" {
		return "", "the cell holds a formula whose value was not saved with it"
	}
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(c.Value))
		text, known := s.texts.at(i)
		if err != nil || !known {
			return "", fmt.Sprintf("the cell names the text %.20q, which the workbook does not have", c.Value)
		}
		return text, ""
	case "inlineStr":
		return c.Inline.Text + strings.Join(c.Inline.Runs, ""), ""
	case "str", "d":
		return c.Value, ""
	case "b":
		return map[string]string{"1": "true", "0": "false"}[c.Value], ""
	case "e":
		return "", fmt.Sprintf("the cell holds the error %.20s", c.Value)
	}
	if c.Value == "" {
		return "", ""
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(c.Value), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return "", fmt.Sprintf("%.30q is no number", c.Value)
	}
	if c.Style >= 0 && c.Style < len(s.dates) && s.dates[c.Style] {
		return s.date(n)
	}
	return strconv.FormatFloat(n, 'f', -1, 64), ""
}

// date turns the number of a day into a date, with the time of day where there is one.
func (s *sheet) date(n float64) (text, why string) {
	const lastDay = 2958465 // 9999-12-31
	if n < 0 || n > lastDay {
		return "", fmt.Sprintf("%v is the number of no day", n)
	}
	days := int(n)
	if s.epoch.Year() == 1899 {
		switch {
		case days == 60:
			return "", "the cell holds 29 February 1900, which was no day"
		case days < 60:
			days++ // the format counts that day
		}
	}
	t := s.epoch.AddDate(0, 0, days).Add(time.Duration(math.Round((n-math.Floor(n))*24*60*60)) * time.Second)
	switch {
	case n == math.Floor(n):
		return t.Format("2006-01-02"), ""
	case n < 1:
		return t.Format("15:04:05"), ""
	default:
		return t.Format("2006-01-02T15:04:05"), ""
	}
}
