/* SPDX-License-Identifier: Apache-2.0
 * The kind of an alert row. PrtAlertCodeTC decides where the printer gives a code. Many give
 * other(1), unknown(2) or none, and then the status code in prtAlertLocation or the text decides.
 */
#include "proto/reading/reading.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool is_listed(const int *codes, size_t count, int code)
{
	for (size_t i = 0; i < count; i++) {
		if (codes[i] == code)
			return true;
	}
	return false;
}

/* subunitPowerSaver, subunitWarmingUp, powerUp, powerDown, printerReadyToPrint and
 * markerAdjustingPrintQuality: states at any severity. */
static bool is_activity_code(int code)
{
	static const int codes[] = {23, 24, 503, 504, 507, 1005};
	return is_listed(codes, COUNT(codes), code);
}

/* States and changes that need no action unless they are critical.
 * markerFuserUnderTemperature(1001) is what a sleeping or warming fuser reports. */
static bool is_state_code(int code)
{
	static const int codes[] = {4, 6, 7, 19, 20, 22, 25, 26, 27, 28, 502, 505, 506, 802, 803,
		804, 805, 806, 1001, 1501, 1502, 1503, 1504, 1505, 1506, 1801};
	return is_listed(codes, COUNT(codes), code);
}

/* PJL status codes, which HP, Brother and others write to prtAlertLocation: 10001..10005 ready,
 * ready offline, warming up, self-test, reset; 10023 and 10024 processing; 35078 power save; 40000
 * sleep. */
static bool is_activity_location(int location)
{
	static const int codes[] = {10001, 10002, 10003, 10004, 10005, 10023, 10024, 35078, 40000};
	return is_listed(codes, COUNT(codes), location);
}

/* Beginnings of a text that no fault has. */
static const char *const beginnings[] = {"sleep", "deep sleep", "power sav", "powersav",
	"energy sav", "low power mode", "warming up", "warm-up", "warmup", "auto power off",
	"energiespar", "ruhezustand", "aufwärm", "mode veille", "préchauffage", "スリープ", "節電",
	"ウォームアップ", "睡眠", "节能", "预热"};

/* Words that name a sleeping device wherever they stand. */
static const char *const asleep[] = {
	"sleep mode", "power saver", "power save mode", "energy saver"};

/* The whole text. "Printing" is a state, "Printing error" is none. */
static const char *const activities[] = {"ready", "ready to print", "ready to copy", "online",
	"idle", "standby", "stand by", "stand-by", "standby mode", "printing", "processing",
	"processing job", "copying", "scanning", "receiving data", "please wait", "initializing",
	"initialising", "cooling down", "cleaning", "calibrating", "calibration", "adjusting",
	"bereit", "druckt", "druckbereit", "standby-modus", "prêt", "veille", "impression", "listo",
	"reposo", "en espera", "pronto", "riposo", "risparmio energia", "gereed", "slaapstand",
	"待機中", "印刷できます", "印刷中", "就绪", "待机", "正在打印"};

static bool contains(struct text t, const char *part)
{
	for (; t.len > 0; t.p++, t.len--) {
		if (text_starts_with(t, part))
			return true;
	}
	return false;
}

static bool is_activity_text(struct text description)
{
	struct text t = text_trimmed(description);
	while (t.len > 0 && strchr(".!:- ", t.p[t.len - 1]) != NULL)
		t.len--;
	for (size_t i = 0; i < COUNT(beginnings); i++) {
		if (text_starts_with(t, beginnings[i]))
			return true;
	}
	for (size_t i = 0; i < COUNT(asleep); i++) {
		if (contains(t, asleep[i]))
			return true;
	}
	for (size_t i = 0; i < COUNT(activities); i++) {
		if (text_is_equal_nocase(t, text_of(activities[i])))
			return true;
	}
	return false;
}

enum alert_kind alert_kind(const struct alert *a)
{
	enum { SEVERITY_OTHER = 1, SEVERITY_CRITICAL = 3 };
	enum { TRAINING_NO_INTERVENTION = 7 };
	enum { CODE_UNKNOWN = 2 };
	bool has_code = a->code > CODE_UNKNOWN;
	if (is_activity_code(a->code))
		return ALERT_STATE;
	if (!has_code && (is_activity_location(a->location) || is_activity_text(a->description)))
		return ALERT_STATE;
	if (a->severity == SEVERITY_CRITICAL)
		return ALERT_FAULT;
	if (is_state_code(a->code) || a->training == TRAINING_NO_INTERVENTION)
		return ALERT_STATE;
	/* Without a code, of a severity that is neither critical nor a warning: information. */
	if (!has_code && a->severity == SEVERITY_OTHER)
		return ALERT_STATE;
	return ALERT_WARNING;
}

const char *alert_kind_name(const struct alert *a)
{
	static const char *const names[ALERT_KIND_COUNT] = {
		[ALERT_FAULT] = "fault", [ALERT_WARNING] = "warning", [ALERT_STATE] = "state"};
	return names[alert_kind(a)];
}
