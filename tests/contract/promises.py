"""What the documents promise, and the test that fails when it is broken; see test_promises.py."""

from typing import Final

_AUDIT: Final = "tests/unit/audit/"
_GUARD: Final = "tests/unit/guard/"

PROMISES: Final[dict[str, dict[str, str]]] = {
    "README.md": {
        "Every figure of protection stands beside its control": (
            "tests/unit/evaluation/test_rows.py::test_attacks_without_a_control_are_refused_by_construction"
        ),
    },
    "audit.md": {
        "one JSON line for every decision": _AUDIT + "test_audit_log.py::test_every_request_is_one_line",
        "describes every member of every record": _AUDIT + "test_documents.py::test_schema_describes_its_members",
        "every request, completed, cancelled or failed": (
            "tests/unit/engine/test_session.py::test_finished_stream_has_its_answer_and_one_record"
        ),
        "current and potential at every token": _AUDIT + "test_story.py::test_command_draws_the_potential",
        "every check of the guard": _AUDIT + "test_export.py::test_every_verdict_is_an_event_that_follows_the_schema",
        "every 256 records": _AUDIT + "test_chain.py::test_checkpoints_are_passed_to_the_anchor",
        "`kill -9` loses nothing": _AUDIT + "test_kill.py::test_nothing_acknowledged_is_lost_when_a_writer_is_killed",
        "that receive every record too": _AUDIT + "test_privacy.py::test_a_users_logger_receives_every_record",
        "receives every checkpoint": _AUDIT + "test_chain.py::test_checkpoints_are_passed_to_the_anchor",
    },
    "decoding.md": {
        "See what the gate does at every token": "tests/unit/render/test_potential.py::test_an_engines_answer_can_be_drawn",
        "so there is nothing to parse": "tests/unit/risk/test_rubric.py::test_anchors_and_numbers_make_one_json_object",
        "only if every token before it is the one that was emitted": (
            "tests/parity/test_speculation_parity.py::test_drafts_are_accepted_and_rejected"
        ),
        "every position has one vector of Gumbel noise": (
            "tests/parity/test_speculation_parity.py::test_batched_equals_one_at_a_time"
        ),
        "our caches keep every token": (
            "tests/integration/test_model_loading.py::test_sliding_window_works_on_a_cache_that_rolls_back"
        ),
        "The first version of it was never emitted": (
            "tests/unit/decoding/test_repair.py::test_held_back_text_is_never_emitted_first"
        ),
    },
    "evaluation.md": {
        "a smaller draw is always the start": (
            "tests/unit/evaluation/test_rows.py::test_a_larger_draw_begins_with_the_smaller_one"
        ),
        "Every attack stands beside its control": (
            "tests/unit/evaluation/test_rows.py::test_attacks_without_a_control_are_refused_by_construction"
        ),
        "in memory and never written": "tests/unit/evaluation/test_evaluate.py::test_no_prompt_and_no_answer_is_written",
        "Every batch is stored before the next": (
            "tests/unit/cli/test_eval_command.py::test_an_interrupted_run_says_how_to_resume"
        ),
    },
    "grammar.md": {
        "the same mask is applied to base, expert": (
            "tests/integration/test_grammar.py::test_answer_follows_its_grammar_and_drafts_change_nothing"
        ),
        "control tokens are never allowed": (
            "tests/integration/test_grammar.py::test_control_token_is_not_allowed_even_if_spelled_out"
        ),
    },
    "langchain.md": {
        "a batch is never refused because of its own size": (
            "tests/integration/test_chat_batches.py::test_chain_batches_are_not_refused_for_their_size"
        ),
        "Building chains loads nothing": (
            "tests/integration/test_chat_citizenship.py::test_building_chains_loads_nothing"
        ),
    },
}

DESCRIPTIONS: Final[dict[str, tuple[str, ...]]] = {}
"""Sentences that hold one of the words and promise nothing: advice, and what an option means."""
