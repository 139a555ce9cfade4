"""The command line: `avcontrol house | ward | demo`, and what is done beside them."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from base.cause import Cause, Refused
from config.check import SettingsError, read_any, read_settings, read_ward_settings
from config.edit import begin
from config.settings import HouseSettings
from config.ward import WardSettings
from web.sentences import Language, say

# Each command imports by itself what only it needs: pictures, sound and pages take a small machine
# longer to load than `avcontrol link` takes to do its work.

LINK_LASTS = timedelta(minutes=10)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command. Exit status 0 when it did what was asked, 1 when it could not, 2 when the
    call itself was wrong."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO,
        # the journal has a clock of its own
        format="%(levelname)s %(name)s: %(message)s"
        if "JOURNAL_STREAM" in os.environ
        else "%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # their informative lines tell of every stream and would drown ours; httpx would tell addresses
    # that let somebody in
    for chatty in ("aiortc", "aioice", "libav", "alembic", "httpx", "httpcore", "apprise"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        sys.exit(options.run(options))
    except SettingsError as error:
        _print_problems(error, options.language)
    except Refused as error:
        print(say(error.cause, options.language), file=sys.stderr)
    except (OSError, RuntimeError) as error:
        print(f"avcontrol: {error}", file=sys.stderr)
    sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="avcontrol", description=__doc__)
    language: Language = "en" if os.environ.get("LANG", "").startswith("en") else "vi"
    parser.add_argument(
        "--language", choices=["vi", "en"], default=language, help="of what this command prints"
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    house = commands.add_parser("house", help="run the daemon of a house")
    house.add_argument("--config", type=Path, required=True)
    house.set_defaults(run=_house)

    ward = commands.add_parser("ward", help="run a ward's hub, to which houses dial out")
    ward.add_argument("--config", type=Path, required=True)
    ward.set_defaults(run=_ward)

    demo = commands.add_parser("demo", help="run a house made of software and its ward")
    demo.add_argument("--house-port", type=int, default=8080)
    demo.add_argument("--ward-port", type=int, default=8090, help="of the ward")
    demo.add_argument("--data", type=Path, default=Path("build/demo"))
    demo.add_argument("--camera", help="address of a real RTSP camera to use")
    demo.add_argument("--laptop", action="store_true", help="plug a laptop into an HDMI cable")
    demo.set_defaults(run=_demo)

    doctor = commands.add_parser("doctor", help="say what this machine has and lacks")
    doctor.add_argument("--config", type=Path)
    doctor.set_defaults(run=_doctor)

    check = commands.add_parser("check-config", help="check a settings file")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_check_config)

    enrolling = commands.add_parser("enrol", help="enrol this house at its ward's hub")
    enrolling.add_argument("--config", type=Path, required=True)
    enrolling.add_argument("--hub", required=True, help="its address: https://…")
    enrolling.add_argument("--code", required=True, help="the one-time code that the ward gave")
    enrolling.set_defaults(run=_enrol)

    backing_up = commands.add_parser("backup", help="copy all data into one file, also meanwhile")
    backing_up.add_argument("--config", type=Path, required=True)
    backing_up.add_argument(
        "--keep", type=_at_least_one, help="so many of this place's backups stay in the folder"
    )
    backing_up.add_argument("where", type=Path, help="a folder, or the name of the file")
    backing_up.set_defaults(run=_backup)

    restoring = commands.add_parser("restore", help="put a backup in the place of the data")
    restoring.add_argument("--config", type=Path, required=True)
    restoring.add_argument("--yes", action="store_true", help="also where there is data already")
    restoring.add_argument("file", type=Path)
    restoring.set_defaults(run=_restore)

    link = commands.add_parser("link", help="let one browser in as somebody, within ten minutes")
    link.add_argument("--config", type=Path, required=True)
    link.add_argument(
        "--role",
        choices=["leader", "secretary", "stage", "technician", "admin"],
        required=True,
        help="admin is of a ward's hub, the others are of a house",
    )
    link.set_defaults(run=_link)
    _add_classifier(commands)
    _add_ledger(commands)
    _add_privacy(commands)

    cleaning = commands.add_parser(
        "clean-sound",
        help="run the hall's echo canceller over files",
        description="WAV files of 48 kHz, mono, 16 bit. The delay between the two is found.",
    )
    cleaning.add_argument("--microphone", type=Path, required=True, help="what the hall's heard")
    cleaning.add_argument(
        "--loudspeaker", type=Path, required=True, help="what was played meanwhile, as it was"
    )
    cleaning.add_argument("--out", type=Path, required=True, help="what remote ears would hear")
    cleaning.set_defaults(run=_clean_sound)
    return parser


def _add_classifier(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    classify = commands.add_parser(
        "classify",
        help="tell what texts are about",
        description="Reads a text a line (UTF-8) and writes topic<TAB>confidence a line, the best"
        " topic however unsure it is. The daemons suggest a topic only from the threshold on that"
        " train-classifier prints: nine of ten such suggestions are right. The first call may"
        " build the model, which takes seconds.",
    )
    classify.set_defaults(run=_classify)
    train = commands.add_parser(
        "train-classifier",
        help="build the classifier's model from its sentences, where that is not done yet",
    )
    train.set_defaults(run=_train_classifier)
    for command in (classify, train):
        command.add_argument("--model", type=Path, help="folder in which the model is kept")


def _add_ledger(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands below `ledger`."""
    parser = commands.add_parser("ledger", help="export the public ledger, or check an export")
    actions = parser.add_subparsers(required=True, metavar="action")
    export = actions.add_parser("export", help="write it to standard output, signed")
    export.add_argument("--config", type=Path, required=True)
    export.set_defaults(run=_ledger_export)
    verify = actions.add_parser("verify", help="check an export, with nothing but the file")
    verify.add_argument("file", type=Path)
    verify.add_argument(
        "--heads", type=Path, help="signed heads that were kept elsewhere, or another export"
    )
    verify.add_argument("--key", help="the keeper's public key, as it is known from elsewhere")
    verify.add_argument(
        "--receipt",
        help="the mark in the ledger that stands on a receipt, or the file of the receipt (JSON)",
    )
    verify.set_defaults(run=_ledger_verify)


def _add_privacy(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands below `privacy`."""
    parser = commands.add_parser("privacy", help="what is kept of people, and how long")
    actions = parser.add_subparsers(required=True, metavar="action")
    show = actions.add_parser("show", help="the rules of the configuration, in words")
    show.set_defaults(run=_privacy_show)
    retention = actions.add_parser("retention", help="erase by rule; the daemons do it each day")
    retention.add_argument("--dry-run", action="store_true", help="say what is due, erase nothing")
    retention.set_defaults(run=_privacy_retention)
    for action in (show, retention):
        action.add_argument("--config", type=Path, required=True)


def _house(options: argparse.Namespace) -> int:
    gc.disable()  # nothing of what is imported goes away; `garbage.settle` takes it up again
    from avcontrol.house import run_house

    with suppress(OSError):  # told as what it is: there are no settings
        if begin(options.config):
            logging.warning("there were no settings: wrote the first ones to %s", options.config)
    settings = read_settings(options.config, os.environ)
    _until_stopped(lambda stop: run_house(settings, stop, options.config, os.environ))


def _ward(options: argparse.Namespace) -> int:
    gc.disable()
    from avcontrol.ward import run_ward

    settings = read_ward_settings(options.config, os.environ)
    _until_stopped(lambda stop: run_ward(settings, stop))


def _demo(options: argparse.Namespace) -> int:
    gc.disable()
    from avcontrol.demo import DemoOptions, run_demo

    demo = DemoOptions(
        options.house_port, options.ward_port, options.data, options.camera, options.laptop
    )
    _until_stopped(lambda stop: run_demo(demo, stop))


def _doctor(options: argparse.Namespace) -> int:
    from avcontrol.doctor import examine, report

    settings = read_settings(options.config, os.environ) if options.config else None
    findings = asyncio.run(examine(settings))
    print(report(findings, options.language))
    return 1 if any(finding.needed for finding in findings) else 0


def _check_config(options: argparse.Namespace) -> int:
    settings = read_any(options.file, os.environ)
    place = settings.house if isinstance(settings, HouseSettings) else settings.ward
    print(place.name)
    return 0


def _enrol(options: argparse.Namespace) -> int:
    from avcontrol.enrol import KEY_FILE, enrol

    settings = read_settings(options.config, os.environ)
    path = settings.link.key_file if settings.link else settings.data / KEY_FILE
    enrolled = enrol(options.hub, options.code, path)
    if options.language == "vi":
        print(f"Đã ghi danh. Ghi phần này vào {options.config} rồi khởi động lại dịch vụ:")
    else:
        print(f"Enrolled. Write this into {options.config}, then restart the service:")
    print(f"\n{enrolled.section()}")
    return 0


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _backup(options: argparse.Namespace) -> int:
    from avcontrol.backup import back_up, keep_newest

    settings = read_any(options.config, os.environ)
    path = back_up(settings, options.where)
    if options.keep is not None:
        keep_newest(settings, path.parent, options.keep)
    print(say(Cause("backup.done", file=str(path)), options.language))
    return 0


def _restore(options: argparse.Namespace) -> int:
    from avcontrol.backup import restore
    from web.language import day

    settings = read_any(options.config, os.environ)
    restored = restore(settings, options.file, replace=options.yes)
    taken_at = day(restored.taken_at, options.language)
    done = Cause("backup.restored", place=restored.place, taken_at=taken_at)
    print(say(done, options.language))
    if restored.erased:
        print(say(Cause("backup.erased_again", count=restored.erased), options.language))
    if restored.aside is not None:
        print(say(Cause("backup.kept_aside", folder=str(restored.aside)), options.language))
    return 0


def _link(options: argparse.Namespace) -> int:
    from web.address import local_url
    from web.tokens import Payload, Tokens, load_key

    settings: HouseSettings | WardSettings
    payload: Payload = options.role
    if options.role == "admin":
        from avcontrol.ward import read_signing_key

        settings = read_ward_settings(options.config, os.environ)
        key = asyncio.run(read_signing_key(settings))
    else:
        settings = read_settings(options.config, os.environ)
        payload = {"role": options.role, "name": ""}
        key = load_key(settings.data / "signing.key")
    tokens = Tokens(key)
    token = tokens.sign("open", payload, until=datetime.now(UTC) + LINK_LASTS)
    address = settings.web.public_url or local_url(settings.web.host, settings.web.port)
    print(f"{address}/open/{token}")
    return 0


def _classify(options: argparse.Namespace) -> int:
    from avcontrol.classify import classified
    from feedback.classify import model_folder, open_classifier

    classifier = open_classifier(options.model or model_folder())
    for line in classified(sys.stdin.buffer, classifier):
        print(line, flush=True)
    return 0


def _train_classifier(options: argparse.Namespace) -> int:
    from feedback.classify import model_folder, open_classifier

    classifier = open_classifier(options.model or model_folder())
    print(f"macro-F1\t{classifier.macro_f1:.3f}")
    print(f"threshold\t{classifier.threshold:.3f}")
    print(f"coverage\t{classifier.coverage:.3f}")
    return 0


def _clean_sound(options: argparse.Namespace) -> int:
    from avcontrol.clean_sound import clean_sound

    clean_sound(options.microphone, options.loudspeaker, options.out)
    return 0


def _ledger_export(options: argparse.Namespace) -> int:
    from avcontrol.ledger import export

    return export(options)


def _ledger_verify(options: argparse.Namespace) -> int:
    from avcontrol.ledger import verify

    return verify(options)


def _privacy_show(options: argparse.Namespace) -> int:
    from avcontrol.privacy import show

    return show(options)


def _privacy_retention(options: argparse.Namespace) -> int:
    from avcontrol.privacy import retention

    return retention(options)


def _until_stopped(run: Callable[[asyncio.Event], Awaitable[bool | None]]) -> NoReturn:
    """Run until SIGTERM or Ctrl+C, then end the process; or, where `run` gives True, begin again
    as the same process, so that no supervisor is needed and none notices."""
    import uvloop

    async def work() -> bool | None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        return await run(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        again = runner.run(work())
    # Everything is closed and on the disk. To take so large an interpreter apart would take a
    # small, busy machine longer than all that.
    logging.shutdown()
    sys.stdout.flush()
    if again:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
    os._exit(0)


def _print_problems(error: SettingsError, language: Language) -> None:
    for problem in error.problems:
        place = f"{problem.file}:{problem.line}" if problem.line else str(problem.file)
        print(f"{place}: {problem.key}: {say(problem.cause, language)}", file=sys.stderr)
