"""The files one deploys with: as far as they can be checked without a Docker engine and a second machine."""

import inspect
import json
import re
import shlex
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from ray._common.usage import usage_lib
from ray._private import ray_constants
from ray._private.runtime_env.packaging import create_package
from ray.autoscaler._private.util import prepare_config, validate_config
from ray.dashboard.modules.metrics.dashboards import data_dashboard_panels, default_dashboard_panels, train_dashboard_panels
from ray.scripts.scripts import start

import kbray
from kbray.catalogue import embedded
from kbray.config import Settings
from kbray.flow import metrics
from tests.unit import compose

ROOT = compose.ROOT
EXAMPLE = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
SECRETS = sorted(name for name, value in EXAMPLE.items() if value == "secret")
FILLED = EXAMPLE | {name: f"the-{name.lower()}" for name in SECRETS}
PROFILES: dict[tuple[str, ...], set[str]] = {
    (): {"postgres", "minio", "bucket"},
    ("cpu",): {"postgres", "minio", "bucket", "ray"},
    ("gpu",): {"postgres", "minio", "bucket", "ray-gpu"},
    ("cpu", "monitoring"): {"postgres", "minio", "bucket", "ray", "prometheus", "grafana"},
    ("gpu", "monitoring"): {"postgres", "minio", "bucket", "ray-gpu", "prometheus", "grafana"},
}


def everything(folder: Path, **environment: str) -> dict[str, Any]:
    """All services; not what anybody would start together."""
    return compose.resolved(FILLED | {"COMPOSE_PROFILES": ""} | environment, ("cpu", "gpu", "monitoring"), folder)


@pytest.mark.parametrize("profiles", PROFILES)
def test_each_profile_starts_what_it_says(profiles: tuple[str, ...], tmp_path: Path) -> None:
    config = compose.resolved(FILLED | {"COMPOSE_PROFILES": ""}, profiles, tmp_path)
    assert set(config["services"]) == PROFILES[profiles]
    for service in config["services"].values():
        assert set(service.get("depends_on", {})) <= set(config["services"])


@pytest.mark.parametrize("missing", SECRETS)
def test_there_is_no_default_password(missing: str, tmp_path: Path) -> None:
    """And a value that is there but empty is none."""
    for environment in ({n: v for n, v in FILLED.items() if n != missing}, FILLED | {missing: ""}):
        with pytest.raises(compose.RefusedError, match=rf"\b{missing}\b"):
            compose.resolved(environment, ("cpu", "monitoring"), tmp_path)


def test_every_secret_of_the_services_is_one_of_the_examples(tmp_path: Path) -> None:
    """What is called a password, a token, a key or a secret has no value of its own."""
    secrets = {FILLED[name] for name in SECRETS}
    seen = set()
    for service in everything(tmp_path)["services"].values():
        for name, value in service.get("environment", {}).items():
            found = {secret for secret in secrets if secret in str(value)}
            assert found or not re.search("PASSWORD|SECRET|TOKEN", name), name
            seen |= found
    assert seen == secrets


def test_nothing_listens_beyond_this_machine(tmp_path: Path) -> None:
    ports = [port for service in everything(tmp_path)["services"].values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert {port["target"] for port in ports} == {5432, 9000, 9001, 8265, 9090, 3000}  # none of Ray's own
    assert not any(service.get("network_mode") for service in everything(tmp_path)["services"].values())


def test_images_are_pinned(tmp_path: Path) -> None:
    images = {name: service["image"] for name, service in everything(tmp_path)["services"].items()}
    for image in images.values():
        assert re.search(r":\S*\d+[.-]\d+\S*$", image), image
    assert images["ray"] == f"kbray:{kbray.__version__}"
    assert images["ray-gpu"] == f"kbray:{kbray.__version__}-cuda"
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", instructions("ARG")[0].removeprefix("PYTHON_IMAGE="))


def test_every_service_is_confined(tmp_path: Path) -> None:
    for name, service in everything(tmp_path)["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"], name
        assert not service.get("privileged"), name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}, name
        assert "healthcheck" in service or service["restart"] == "no", name
        profilers = service.get("cap_add") == ["SYS_PTRACE"]
        assert profilers or service["security_opt"] == ["no-new-privileges:true"], name


def test_every_machine_has_the_cores_that_are_asked_for(tmp_path: Path) -> None:
    """Docker starts nothing that may take more cores than there are; RAY_CPUS is what one says for a small machine."""
    for name, service in everything(tmp_path, RAY_CPUS="1")["services"].items():
        assert float(service["deploy"]["resources"]["limits"]["cpus"]) <= 1, name


def test_minio_and_mc_have_a_home_to_write_to(tmp_path: Path) -> None:
    """They end when they can't make a folder there, even to keep nothing in it."""
    for name in ("minio", "bucket"):
        service = everything(tmp_path)["services"][name]
        assert service["environment"]["HOME"] in service["tmpfs"]


@pytest.mark.parametrize("megabytes", [64, 2048])
def test_the_object_store_fits_into_shared_memory(megabytes: int, tmp_path: Path) -> None:
    """Ray lays a larger one on the disk, and says so in its log only. The shell does the sum, on a file system of that size."""
    for name in ("ray", "ray-gpu"):
        command = everything(tmp_path)["services"][name]["command"][-1].replace("$$", "$")
        (asked,) = re.findall(r"--object-store-memory=(\S+.*\)\))", command)
        programs = tmp_path / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "stat").write_text(f"#!/bin/sh\necho '{megabytes * 256} * 4096'\n")
        (programs / "stat").chmod(0o755)
        said = subprocess.run(["sh", "-ec", f"echo {asked}"], env={"PATH": f"{programs}:/bin"}, capture_output=True, check=True)
        assert 0.8 * megabytes * 2**20 < int(said.stdout) < megabytes * 2**20


def test_ray_ends_before_docker_kills_it(tmp_path: Path) -> None:
    """It waits for its node to be idle, 30 s unless it is told another time, and then ends its processes one after the other."""
    known = inspect.getsource(ray_constants)
    for name in ("ray", "ray-gpu"):
        service = everything(tmp_path)["services"][name]
        drain = "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S"
        assert f'"{drain}"' in known, "Ray calls it otherwise now"
        assert float(service["environment"][drain]) + 15 < float(service["stop_grace_period"].removesuffix("s"))


def test_a_volume_of_minio_is_taken_over_by_name(tmp_path: Path) -> None:
    assert everything(tmp_path)["volumes"]["minio"]["name"] == "kbray_minio"
    assert everything(tmp_path, MINIO_VOLUME="ai-kb-minio-data")["volumes"]["minio"]["name"] == "ai-kb-minio-data"


def test_kbray_knows_the_settings_of_the_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ray", "ray-gpu"):
        service = everything(tmp_path, KBRAY_OCR_SCRIPTS="Cyrillic Greek")["services"][name]
        for key, value in service["environment"].items():
            if key.startswith("KBRAY_"):
                monkeypatch.setenv(key, value)
        settings = Settings()
        assert settings.ocr_scripts == "Cyrillic Greek"
        assert settings.database_url == f"postgresql://kbray:{FILLED['KBRAY_POSTGRES_PASSWORD']}@postgres:5432/kbray"
        assert (settings.ray_address, settings.objects_url, settings.s3_endpoint_url) == (
            "auto",
            "s3://kbray",
            "http://minio:9000",
        )


def test_the_database_is_set_like_the_embedded_one(tmp_path: Path) -> None:
    """Plans and the order of words don't change on the way from one to the other."""
    postgres = everything(tmp_path)["services"]["postgres"]
    told = dict(word.split("=") for word in postgres["command"][2::2])
    assert {name: told[name] for name in ("jit", "max_connections", "random_page_cost")}.items() <= embedded._SETTINGS.items()
    made = inspect.getsource(embedded)
    for option in postgres["environment"]["POSTGRES_INITDB_ARGS"].split():
        assert '"{}", "{}"'.format(*option.split("=")) in made, option


def test_ray_starts_with_a_token_wherever_it_is_started(tmp_path: Path) -> None:
    started = []
    for name in ("ray", "ray-gpu"):
        service = everything(tmp_path)["services"][name]
        assert service["environment"]["RAY_AUTH_MODE"] == "token"
        assert service["environment"]["RAY_AUTH_TOKEN"] == FILLED["RAY_AUTH_TOKEN"]
        assert service["environment"]["RAY_DASHBOARD_ENABLE_PROFILING"] == "1", "Ray refuses its profilers otherwise"
        started += options_of_ray_start(service["command"][-1])
    assert any("RAY_AUTH_MODE=token" in line for line in instructions("ENV"))
    cluster = cluster_yaml()
    for commands in (cluster["head_start_ray_commands"], cluster["worker_start_ray_commands"]):
        before = commands[-1].partition("ray start")[0]
        assert re.search(r"set -a;.* RAY_AUTH_MODE=token;.* set \+a;", before)
        started += options_of_ray_start(commands[-1])
    assert "RAY_enable_autoscaler_v2=0" in cluster["head_start_ray_commands"][-1], "the second starts a machine too few"
    assert "~/.ray/auth_token" in cluster["file_mounts"]
    assert len(started) == 4
    assert {options["dashboard_host"] for options in started if options["head"]} == {
        "0.0.0.0",
        "127.0.0.1",
    }  # inside a container; outside
    assert all(options["include_dashboard"] for options in started if options["head"]), "without it, Ray starts and takes no jobs"


def test_ray_tells_its_makers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that was started by `ray start` without reports still reports that it has none, unless the address is another."""
    nowhere = "RAY_USAGE_STATS_REPORT_URL=http://127.0.0.1:9"
    assert any(nowhere in line for line in instructions("ENV"))
    cluster = cluster_yaml()
    for commands in (cluster["head_start_ray_commands"], cluster["worker_start_ray_commands"]):
        assert re.search(rf"set -a;.* {nowhere};.* set \+a;", commands[-1].partition("ray start")[0])
    monkeypatch.setenv(*nowhere.split("=", 1))
    assert usage_lib._usage_stats_report_url() == "http://127.0.0.1:9"


def options_of_ray_start(commands: str) -> list[dict[str, Any]]:
    """What Ray's own command line makes of each `ray start` in them; an option it doesn't know is an error."""
    found = []
    for line in re.findall(r"ray start (.*)", commands.replace("\\\n", " ")):
        words = shlex.split(re.sub(r"\${1,2}\(\(.*?\)\)", "3", line))
        context = click.Context(start)
        start.parse_args(context, words)
        found.append(context.params)
    return found


def cluster_yaml() -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / "cluster.yaml").read_text())
    return config


def test_ray_takes_the_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    config = prepare_config(cluster_yaml())
    validate_config(config)
    provider = cluster_yaml()["provider"]
    assert config["max_workers"] == len(provider["worker_ips"])
    head, worker = (options_of_ray_start(config[f"{kind}_start_ray_commands"][-1])[0] for kind in ("head", "worker"))
    assert (head["num_gpus"], worker["num_gpus"]) == (1, 0)
    assert (head["labels"], worker["labels"]) == ("machine=pc", "machine=laptop")
    for options in (head, worker):
        assert options["object_spilling_directory"].endswith("/kbray/spill")
        assert options["object_store_memory"] >= 10**9
    assert worker["memory"] is not None, "a laptop keeps some for its owner"


def test_ports_of_the_cluster_are_those_that_the_docs_say_to_close() -> None:
    said = (ROOT / "docs" / "security.md").read_text()
    config = cluster_yaml()
    for commands in (config["head_start_ray_commands"], config["worker_start_ray_commands"]):
        options = options_of_ray_start(commands[-1])[0]
        ports = {name: value for name, value in options.items() if name.endswith("port") and value is not None}
        assert {"node_manager_port", "object_manager_port", "min_worker_port", "metrics_export_port"} <= set(ports)
        for name, port in ports.items():
            assert re.search(rf"\b{port}\b", said), name


def test_workers_get_all_that_kbray_is_installed_from() -> None:
    mounted = cluster_yaml()["file_mounts"]
    for name in [*installed_from(), "kbray"]:
        assert mounted[f"~/kbray/{name}"] == name
    assert any(re.search(r"cd ~/kbray && make install\b", command) for command in cluster_yaml()["setup_commands"])


def installed_from() -> list[str]:
    """What `make install` reads, by the Makefile and pyproject.toml."""
    needs = re.search(r"^\$\(VENV\)/\.installed:(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert needs is not None
    return ["Makefile", *needs[1].split(), "README.md"]


def instructions(kind: str) -> list[str]:
    """Those of the Dockerfile of this kind, each on one line."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    return [re.sub(r"\s+", " ", rest) for rest in re.findall(rf"^{kind}\s+(.*)$", text, re.MULTILINE)]


def test_the_image_is_installed_by_the_makefile() -> None:
    """`make install` itself, so its steps can't drift apart; nothing else is installed but what Ray's dashboard wants."""
    steps = [step.strip() for run in instructions("RUN") for step in run.split("&&")]
    installing = [re.sub(r'^(--mount=\S+ |\w+="\S*" )+', "", step) for step in steps if re.search(r"\bpip\b|\bmake (?!\s)", step)]
    installing = [step for step in installing if not step.startswith("apt-get")]
    assert installing[0] == "make install"
    for step in installing[1:]:
        assert re.fullmatch(r"\.venv/bin/pip install --quiet --no-deps( [\w-]+==[\d.]+)+", step)
    assert "PIP_EXTRA_INDEX_URL" in "".join(steps)
    copied = [word for copy in instructions("COPY")[:2] for word in copy.split()[:-1]]
    assert copied == [*installed_from(), "kbray/__init__.py"]


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert instructions("USER") == ["1000:1000"]
    assert instructions("FROM")[-1] == "${PYTHON_IMAGE}"
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["tini", "--"]


def test_only_what_is_copied_gets_into_a_build() -> None:
    """A list of what may, not of what may not: a file with secrets need not be thought of."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {word.split("/")[0] for copy in instructions("COPY") if "--from" not in copy for word in copy.split()[:-1]}
    assert allowed == copied


@pytest.mark.parametrize("name", [".env", "cluster.env"])
def test_secrets_stay_out_of_git_and_of_jobs(name: str, tmp_path: Path) -> None:
    """`ray job submit --working-dir .` packs the folder, but for what git ignores."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    (folder / name).write_text("POSTGRES_PASSWORD=plain-to-see")
    (folder / "process.py").write_text("print()")
    create_package(str(folder), tmp_path / "job.zip", include_gitignore=True)
    with zipfile.ZipFile(tmp_path / "job.zip") as package:
        assert sorted(package.namelist()) == [".gitignore", "process.py"]


def test_the_dashboard_shows_metrics_that_exist() -> None:
    shown = {name for expression in expressions() for name in re.findall(r"\bray_\w+", expression)}
    ours = {name for name in shown if name.startswith("ray_kbray_")}
    assert {name.removeprefix("ray_").removesuffix("_total") for name in ours} == set(metrics.NAMES)
    rays = {
        name
        for module in (default_dashboard_panels, data_dashboard_panels, train_dashboard_panels)
        for name in re.findall(r"\bray_\w+", Path(module.__file__).read_text())
    }
    assert len(shown - ours) > 10
    assert shown - ours <= rays


def test_memory_is_that_of_the_container() -> None:
    """Ray's figures of the host lie far from the limit when the container is ended for want of memory."""
    assert not any("_host" in expression for expression in expressions())


def test_counters_are_shown_as_rates_and_gauges_are_not() -> None:
    for expression in expressions():
        for function, name in re.findall(r"(rate|increase)\((\w+)", expression):
            assert name.endswith("_total"), (function, expression)
        counters, rates = (
            re.findall(r"(?<!node_mem)_total\b", expression),
            re.findall(r"(?:rate|increase)\(\w+_total\b", expression),
        )
        assert len(counters) == len(rates), expression


def expressions() -> list[str]:
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "kbray.json").read_text())
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    return [*shown, *(variable["definition"] for variable in dashboard["templating"]["list"])]


def test_grafana_finds_prometheus_and_the_dashboard(tmp_path: Path) -> None:
    services = everything(tmp_path)["services"]
    provisioning = ROOT / "deploy" / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "dashboards.yml").read_text())["providers"]
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "kbray.json").read_text())
    assert source["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"] if "datasource" in panel} == {source["uid"]}
    assert provider["options"]["path"] in json.dumps(services["grafana"]["volumes"])
    (job,) = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())["scrape_configs"]
    ports = {options["metrics_export_port"] for options in options_of_ray_start(services["ray"]["command"][-1])}
    assert job["static_configs"] == [{"targets": [f"ray:{port}" for port in ports]}]


def test_every_mounted_file_is_there() -> None:
    mounts = re.findall(r"- (\./[\w./-]+):", (ROOT / "docker-compose.yml").read_text())
    assert len(mounts) == 4
    for mount in mounts:
        assert (ROOT / mount).exists(), mount


def test_the_threats_name_tests_that_exist() -> None:
    said = (ROOT / "docs" / "security.md").read_text()
    files = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
    tests = "\n".join(path.read_text() for path in files.values())
    named = set(re.findall(r"`(?:tests/[\w/]+/)?(test_\w+)(\.py)?", said))
    assert len(named) > 20
    for name, is_file in named:
        assert f"{name}.py" in files if is_file else f"\ndef {name}" in tests, name
