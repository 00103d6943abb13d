/*
 * unit [SUITE]: runs every unit test, or one suite. Exits with success if all of them passed.
 */
#include "suites.h"

#include <CUnit/Basic.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Every wait in a test has its own deadline; this ends a run in which one of them hangs. With
 * ThreadSanitizer, or in an emulator, a busy machine takes more than seven minutes.
 */
enum { RUN_SECONDS_MAX = 1800 };

void suite_add(const char *name, const struct test *tests, size_t count)
{
    CU_pSuite suite = CU_add_suite(name, NULL, NULL);
    bool added = suite != NULL;
    for (size_t i = 0; i < count && added; i++)
        added = CU_add_test(suite, tests[i].name, tests[i].run) != NULL;
    if (!added) {
        fprintf(stderr, "unit: cannot add the suite %s: %s\n", name, CU_get_error_msg());
        exit(EXIT_FAILURE);
    }
}

bool suite_comes_true(bool (*scene)(void))
{
    bool came = false;
    for (int tries = 0; tries < 50 && !came; tries++)
        came = scene();
    return came;
}

bool suite_expect(bool holds, const char *file, unsigned line, const char *format, ...)
{
    char what[512] = "";
    if (!holds) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(what, sizeof what, format, arguments);
        va_end(arguments);
    }
    CU_assertImplementation(holds, line, what, file, "", CU_FALSE);
    return holds;
}

static void add_suites(void)
{
    add_address_prefix_suite();
    add_attempts_suite();
    add_ban_notice_suite();
    add_batch_suite();
    add_buffer_suite();
    add_burst_suite();
    add_character_suite();
    add_checksum_suite();
    add_clock_suite();
    add_commands_suite();
    add_config_suite();
    add_conn_suite();
    add_conversation_suite();
    add_directory_suite();
    add_duration_suite();
    add_editor_suite();
    add_envelope_suite();
    add_event_log_suite();
    add_exposition_suite();
    add_file_suite();
    add_flood_queue_suite();
    add_flow_suite();
    add_flusher_suite();
    add_format_suite();
    add_hosts_suite();
    add_http_request_suite();
    add_idle_suite();
    add_ignore_list_suite();
    add_claim_suite();
    add_ignoring_suite();
    add_succession_suite();
    add_input_suite();
    add_json_suite();
    add_json_format_suite();
    add_json_voice_suite();
    add_keeping_suite();
    add_line_reader_suite();
    add_lines_suite();
    add_lingering_suite();
    add_link_suite();
    add_listener_suite();
    add_lock_suite();
    add_mailbox_suite();
    add_member_suite();
    add_message_suite();
    add_meter_suite();
    add_motd_suite();
    add_name_suite();
    add_notify_suite();
    add_number_suite();
    add_operators_suite();
    add_options_suite();
    add_order_suite();
    add_outbox_suite();
    add_paint_suite();
    add_password_suite();
    add_presence_suite();
    add_proxy_header_suite();
    add_pulse_suite();
    add_room_suite();
    add_room_name_suite();
    add_room_settings_suite();
    add_rooms_suite();
    add_roster_suite();
    add_sanctions_suite();
    add_sanctions_record_suite();
    add_server_suite();
    add_servers_suite();
    add_session_suite();
    add_session_history_suite();
    add_signals_suite();
    add_spelling_suite();
    add_account_record_suite();
    add_accounts_suite();
    add_store_suite();
    add_tls_suite();
    add_turnstile_suite();
    add_telnet_suite();
    add_terminal_suite();
    add_text_suite();
    add_throttle_suite();
    add_timers_suite();
    add_transcript_suite();
    add_unicode_suite();
    add_user_suite();
    add_view_suite();
    add_machines_suite();
    add_stream_memory_suite();
    add_replica_suite();
    add_state_suite();
    add_snapshot_suite();
    add_reports_suite();
    add_turns_suite();
    add_wire_suite();
    add_wrap_suite();
    add_inherited_suite();
    add_privileges_suite();
}

/* Runs one suite, or all. Returns whether every test ran and passed. */
static bool run(const char *name)
{
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_ErrorCode error;
    if (name != NULL) {
        CU_pSuite suite = CU_get_suite(name);
        if (suite == NULL) {
            fprintf(stderr, "unit: there is no suite '%s'\n", name);
            return false;
        }
        error = CU_basic_run_suite(suite);
    } else {
        error = CU_basic_run_tests();
    }
    return error == CUE_SUCCESS && CU_get_number_of_tests_run() > 0 &&
           CU_get_number_of_failures() == 0 && CU_get_number_of_suites_failed() == 0;
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        fprintf(stderr, "Usage: unit [SUITE]\n");
        return EXIT_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN); /* as in the servers */
    alarm(RUN_SECONDS_MAX);
    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "unit: %s\n", CU_get_error_msg());
        return EXIT_FAILURE;
    }
    add_suites();
    bool passed = run(argc > 1 ? argv[1] : NULL);
    CU_cleanup_registry();
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
