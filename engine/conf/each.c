/* SPDX-License-Identifier: Apache-2.0
 * devices.targets, device by device: ranges and the rows of CSV files. */
#include "engine/conf/load.h"

#include "engine/conf/csv.h"
#include "engine/conf/range.h"
#include "proto/base/closest.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"
#include "proto/reading/reading_merge.h"
#include "proto/smi/request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum column {
	COLUMN_ADDRESS,
	COLUMN_PORT,
	COLUMN_VERSION,
	COLUMN_COMMUNITY,
	COLUMN_CREDENTIAL,
	COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
	"address", "port", "version", "community", "credential"};

enum { CELL_MAX = 128 };

struct device_walk {
	const struct agent_conf *c;
	int (*each)(void *owner, const struct conf_device *device);
	void *owner;
	int (*each_range)(void *owner, const struct conf_range *range, uint16_t port);
	struct conf_error *error;
	size_t devices;
	size_t columns; /* that count: those before, or all */
	size_t cells;   /* of the first row */
	const char *csv;
	size_t at[COLUMN_COUNT]; /* which cell each column is, or SIZE_MAX */
};

static struct conf_device device_of(const struct device_walk *w, const struct conf_target *t)
{
	return (struct conf_device){.version = t->version,
		.community = t->community,
		.community_len = t->community_len,
		.credential = t->credential,
		.ipp_mode = t->ipp_mode != IPP_MODE_DEFAULT ? t->ipp_mode : w->c->ipp_mode,
		.ipp_port = t->ipp_port != 0 ? t->ipp_port : w->c->ipp_port,
		.answers_from = t->answers_from,
		.has_short_ids = t->has_short_ids};
}

static int add_range(
	struct device_walk *w, const struct conf_range *range, const struct conf_target *t)
{
	if (w->each_range != NULL)
		return w->each_range(w->owner, range, range->port != 0 ? range->port : t->port);
	struct conf_device device = device_of(w, t);
	device.is_range = range->count > 1;
	for (uint32_t i = 0; i < range->count; i++) {
		conf_range_at(range, i, t->port, &device.address);
		int err = w->each(w->owner, &device);
		if (err < 0)
			return err;
		w->devices++;
	}
	return 0;
}

/* One device by its DNS name. ERR_FORMAT: it is none. */
static int add_name(struct device_walk *w, const char *text, const struct conf_target *t)
{
	size_t len;
	uint16_t port;
	if (w->each_range != NULL || !conf_name_parse(text, &len, &port))
		return ERR_FORMAT;
	struct conf_device device = device_of(w, t);
	device.address.in4.sin_family = AF_INET;
	device.address.in4.sin_port = htons(port != 0 ? port : t->port);
	device.name = conf_intern(w->c->memory, text, len);
	if (device.name == NULL)
		return -ENOMEM;
	int err = w->each(w->owner, &device);
	w->devices += err >= 0;
	return err < 0 ? err : 0;
}

/* ---- CSV ---- */

static int refuse(struct device_walk *w, unsigned line, const char *column, const char *why)
{
	struct conf_mark at = {.line = line, .file = w->csv};
	if (column != NULL)
		return conf_error_say(w->error, at, "\"%s\" %s", column, why);
	return conf_error_say(w->error, at, "%s", why);
}

/* In capitals or not. */
static bool is_column(struct text cell, const char *name)
{
	return cell.len == strlen(name) && strncasecmp(cell.p, name, cell.len) == 0;
}

/* A column that has almost one of our names is not one for other purposes, such as a room number:
 * its cells would be ignored. Names of a few letters are near too many words. */
static int check_other(struct device_walk *w, unsigned line, struct text cell)
{
	enum { LETTERS_MIN = 5 };
	char shown[CELL_MAX], message[CELL_MAX + 2 * LIMIT_WHY];
	const char *near = closest_word(cell.p, cell.len, column_names, w->columns);
	if (near == NULL || strlen(near) < LETTERS_MIN)
		return 0;
	(void)str_quote(shown, sizeof shown, cell.p, cell.len);
	(void)snprintf(message, sizeof message, "column %s: did you mean \"%s\"?", shown, near);
	return refuse(w, line, NULL, message);
}

static int read_header(struct device_walk *w, const struct csv_row *row)
{
	w->cells = row->cells;
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		w->at[i] = SIZE_MAX;
	for (size_t cell = 0; cell < row->cells; cell++) {
		struct text name = text_trimmed(row->cell[cell]);
		size_t i = 0;
		while (i < w->columns && !is_column(name, column_names[i]))
			i++;
		int err = i == w->columns ? check_other(w, row->line, name) : 0;
		if (err < 0)
			return err;
		if (i == w->columns)
			continue;
		if (w->at[i] != SIZE_MAX)
			return refuse(w, row->line, column_names[i], "is a column twice");
		w->at[i] = cell;
	}
	if (w->at[COLUMN_ADDRESS] == SIZE_MAX)
		return refuse(w, row->line, NULL,
			"the first row must name the columns, one of them \"address\"");
	return 0;
}

/* The cell as a C string; "" if the row has none. ERR_CONF if it cannot be one of ours. */
static int cell_text(
	struct device_walk *w, const struct csv_row *row, enum column column, char dst[CELL_MAX])
{
	size_t at = w->at[column];
	dst[0] = '\0';
	if (at == SIZE_MAX || row->cell[at].len == 0)
		return 0;
	struct text cell = row->cell[at];
	if (cell.len >= CELL_MAX || memchr(cell.p, '\0', cell.len) != NULL)
		return refuse(w, row->line, column_names[column], "is too long, or holds a NUL");
	memcpy(dst, cell.p, cell.len);
	dst[cell.len] = '\0';
	return 0;
}

/* A cell that is not empty takes the place of the target's key of the same name. */
static int store_cell(
	struct device_walk *w, const struct csv_row *row, enum column column, struct conf_target *t)
{
	char text[CELL_MAX];
	const char *name = column_names[column];
	const struct conf_key *key =
		&conf_target_table.keys[conf_table_find(&conf_target_table, name)];
	struct conf_load load = {.file = w->csv, .memory = w->c->memory, .error = w->error};
	int err = cell_text(w, row, column, text);
	if (err == 0 && text[0] != '\0')
		err = conf_store(
			&load, key, t, text, strlen(text), (struct conf_mark){.line = row->line});
	explicit_bzero(text, sizeof text);
	return err;
}

static int read_community(struct device_walk *w, const struct csv_row *row, struct conf_target *t)
{
	int err = store_cell(w, row, COLUMN_COMMUNITY, t);
	if (err == 0 && t->community != NULL)
		t->community_len = (uint8_t)strlen(t->community);
	return err;
}

static bool has_cell(const struct device_walk *w, const struct csv_row *row, enum column column)
{
	return w->at[column] != SIZE_MAX && row->cell[w->at[column]].len > 0;
}

/* A credential by its name replaces the target's own version and community, or its credential; so
 * does a community in the row. */
static int read_credential(struct device_walk *w, const struct csv_row *row, struct conf_target *t)
{
	char text[CELL_MAX], shown[CELL_MAX], hint[LIMIT_WHY], message[2 * LIMIT_WHY];
	int err = cell_text(w, row, COLUMN_CREDENTIAL, text);
	if (err < 0)
		return err;
	if (has_cell(w, row, COLUMN_COMMUNITY) || has_cell(w, row, COLUMN_VERSION))
		return refuse(w, row->line, "credential",
			"stands beside a community or a version; it takes the place of both");
	t->credential = agent_conf_credential(w->c, text);
	if (t->credential != NULL) {
		conf_target_use(t);
		return 0;
	}
	conf_credential_hint(hint, sizeof hint, w->c, text);
	(void)str_quote(shown, sizeof shown, text, strlen(text));
	(void)snprintf(
		message, sizeof message, "names no entry of snmp.credentials: %s%s", shown, hint);
	return refuse(w, row->line, "credential", message);
}

static int read_version(struct device_walk *w, const struct csv_row *row, struct conf_target *t)
{
	int err = store_cell(w, row, COLUMN_VERSION, t);
	if (err == 0 && t->version == SNMP_V3 && has_cell(w, row, COLUMN_VERSION))
		return refuse(w, row->line, "version",
			"3 needs a column \"credential\" that names an entry of snmp.credentials");
	return err;
}

/* The version, community or credential of the row. */
static int read_how(struct device_walk *w, const struct csv_row *row, struct conf_target *t)
{
	char message[LIMIT_WHY];
	int err = 0;
	if (has_cell(w, row, COLUMN_CREDENTIAL)) {
		err = read_credential(w, row, t);
	} else if (has_cell(w, row, COLUMN_COMMUNITY)) {
		if (t->credential != NULL && t->version == SNMP_V3)
			t->version = SNMP_V2C;
		t->credential = NULL;
		err = read_version(w, row, t);
		if (err == 0)
			err = read_community(w, row, t);
	} else if (t->credential != NULL && has_cell(w, row, COLUMN_VERSION)) {
		return refuse(w, row->line, "version",
			"is of no use here: the target's credential says it");
	} else {
		err = read_version(w, row, t);
	}
	const char *why = err == 0 && w->c->is_fips ? conf_fips_refuses(t) : NULL;
	if (why == NULL)
		return err;
	(void)snprintf(message, sizeof message, "\"fips: on\" refuses this row: %s", why);
	return refuse(w, row->line, NULL, message);
}

static int read_row(
	struct device_walk *w, const struct csv_row *row, const struct conf_target *defaults)
{
	struct conf_target t = *defaults;
	struct conf_range range;
	char text[CELL_MAX], why[LIMIT_WHY], shown[CELL_MAX], message[CELL_MAX + LIMIT_WHY + 8];
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (w->at[i] != SIZE_MAX && w->at[i] >= row->cells)
			return refuse(w, row->line, NULL, "has fewer cells than the first row");
	}
	int err = cell_text(w, row, COLUMN_ADDRESS, text);
	if (err < 0)
		return err;
	bool is_name = w->each_range == NULL && conf_name_parse(text, &(size_t){0}, &(uint16_t){0});
	if (!is_name && conf_range_parse(&range, text, why, sizeof why) < 0) {
		(void)str_quote(shown, sizeof shown, text, strlen(text));
		(void)snprintf(message, sizeof message, "%s %s", shown, why);
		return refuse(w, row->line, "address", message);
	}
	for (size_t i = w->cells; i < row->cells; i++) {
		if (row->cell[i].len > 0)
			return refuse(w, row->line, NULL,
				"has more cells than the first row: a text with the separator in "
				"it "
				"needs quotes");
	}
	if ((err = store_cell(w, row, COLUMN_PORT, &t)) < 0 || (err = read_how(w, row, &t)) < 0)
		return err;
	return is_name ? add_name(w, text, &t) : add_range(w, &range, &t);
}

/* Forms of other programs, by their cause instead of by what they lead to. */
static const char *wrong_form(const struct buf *bytes)
{
	const char *text = (const char *)bytes->data;
	size_t len = bytes->len;
	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return "is UTF-16: save it as CSV UTF-8";
	/* Without a mark: ASCII letters with a NUL before or behind each. */
	if (len >= 2 && (text[0] == '\0' || text[1] == '\0'))
		return "is UTF-16: save it as CSV UTF-8";
	const char *newline = len > 0 ? memchr(text, '\n', len) : NULL;
	size_t first = newline != NULL ? (size_t)(newline - text) : len;
	if (first > 0 && memchr(text, '\t', first) != NULL && memchr(text, ',', first) == NULL &&
		memchr(text, ';', first) == NULL)
		return "has tabs between its cells: save it with commas or semicolons";
	return NULL;
}

static int each_row(struct device_walk *w, const struct conf_target *t, struct buf *bytes)
{
	struct csv csv;
	struct csv_row row;
	const char *why = wrong_form(bytes);
	if (why != NULL)
		return refuse(w, 1, NULL, why);
	why = "";
	csv_open(&csv, (char *)bytes->data, bytes->len);
	bool is_header = true;
	for (;;) {
		int err = csv_next(&csv, &row, &why);
		if (err == 0)
			break;
		if (err < 0)
			return refuse(w, row.line, NULL, why);
		err = is_header ? read_header(w, &row) : read_row(w, &row, t);
		if (err < 0)
			return err;
		is_header = false;
	}
	if (is_header)
		return refuse(w, 1, NULL, "is empty; the first row must name the columns");
	return 0;
}

static int each_in_csv(struct device_walk *w, const struct conf_target *t)
{
	struct buf bytes;
	w->csv = t->csv;
	int err = conf_read_file(&bytes, t->csv, LIMIT_CONF_CSV_BYTES, w->error);
	if (err < 0)
		return err;
	err = each_row(w, t, &bytes);
	if (bytes.cap > 0)
		explicit_bzero(bytes.data, bytes.cap);
	buf_close(&bytes);
	return err;
}

static int each_in_target(struct device_walk *w, const struct conf_target *t)
{
	struct conf_range range;
	char why[LIMIT_WHY];
	if (t->csv != NULL)
		return each_in_csv(w, t);
	int err = add_name(w, t->range, t);
	if (err != ERR_FORMAT)
		return err;
	/* It was checked when the file was read. */
	err = conf_range_parse(&range, t->range, why, sizeof why);
	return err < 0 ? err : add_range(w, &range, t);
}

int conf_each_device(const struct agent_conf *c,
	int (*each)(void *owner, const struct conf_device *device), void *owner,
	struct conf_error *err)
{
	struct device_walk w = {
		.c = c, .each = each, .owner = owner, .error = err, .columns = COLUMN_COUNT};
	*err = (struct conf_error){.count = 0};
	for (const struct conf_target *t = c->targets; t != NULL;
		t = (const struct conf_target *)t->item.next) {
		int result = each_in_target(&w, t);
		if (result < 0)
			return result;
	}
	return (int)w.devices;
}

int conf_each_csv_range(const char *path, uint16_t port,
	int (*each)(void *owner, const struct conf_range *range, uint16_t port), void *owner,
	struct conf_error *err)
{
	static const struct agent_conf none;
	const struct conf_target target = {.csv = path, .port = port};
	struct device_walk w = {.c = &none,
		.each_range = each,
		.owner = owner,
		.error = err,
		.columns = COLUMN_VERSION};
	*err = (struct conf_error){.count = 0};
	return each_in_csv(&w, &target);
}
