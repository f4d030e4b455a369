"""A whole scenario, from tokens and hours of work to what nine systems cost in their first year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from course_utils.costs.caching import CachedPrefix, usd_per_call
from course_utils.costs.inputs import Inputs, number, priced
from course_utils.costs.prices import ARTICLE_DATE, price_table
from course_utils.costs.quantities import HOURS_PER_YEAR, MONTHS_PER_YEAR
from course_utils.costs.systems import System, Update, YearlyCost, yearly_cost
from course_utils.costs.training import gpu_hours, rent_usd, training_tokens

PROMPT = "prompt only"
LONG = "long context"
CACHED = "long context, cached"
RAG = "basic RAG"
HYBRID_SEARCH = "hybrid search + rerank"
AGENTIC = "agentic RAG"
OWN_RAG = "RAG on the own model"
TUNED = "fine-tuning"
TUNED_RAG = "fine-tuning + RAG"

_TABLE = price_table()
_ARTICLE = f"the article (claim, {ARTICLE_DATE})"
_RERANK = _TABLE.article["hybrid_usd_per_query"].value - _TABLE.article["rag_usd_per_query"].value


@dataclass(frozen=True)
class Scenario(Inputs):
    """A support assistant like the article's: 3,000 questions a day about 500 pages, updated monthly.

    Prompt-only, long context and three RAG systems use a rented model, paid by the token. The fine-tuned
    ones, and RAG on the own model, run on GPUs of their own, paid by the hour, unless prices per token are
    given for the tuned model.

    Left out: the second GPU that a high volume or a long context may need (``hosting_gpus`` is yours to set),
    discounts for batches and commitments, and what a wrong answer costs.
    """

    KIND: ClassVar[str] = "scenario"

    # --- the work to be done
    queries_per_day: float = number("questions a day", 3000, _ARTICLE)
    updates_per_year: float = number("updates of the knowledge a year", 12, _ARTICLE)
    knowledge_tokens: int = number("the whole handbook", 200_000, "500 pages (Anthropic 2024, rule of thumb)")
    changed_share: float = number("share of the handbook that an update changes", 0.05)
    instruction_tokens: int = number("instructions in every prompt", 300)
    question_tokens: int = number("a question", 50)
    answer_tokens: int = number("an answer", 150)

    # --- the rented model
    input_usd_per_million_tokens: float = priced("model, input", _TABLE["input_usd_per_million_tokens"])
    output_usd_per_million_tokens: float = priced("model, output", _TABLE["output_usd_per_million_tokens"])
    cache_read_factor: float = priced("reading from the cache", _TABLE["cache_read_factor"])
    cache_write_factor: float = priced("writing to the cache", _TABLE["cache_write_factor"])
    cache_lifetime_minutes: float = priced("lifetime in the cache", _TABLE["cache_lifetime_minutes"])
    storage_usd_per_million_token_hours: float = number("storage in the cache", 0, "not charged here")

    # --- retrieval
    retrieved_tokens: int = number("retrieved passages", 2000)
    embedding_usd_per_million_tokens: float = priced("embedding", _TABLE["embedding_usd_per_million_tokens"])
    rerank_usd_per_query: float = number("hybrid search and reranking", _RERANK, f"difference in {_ARTICLE}")
    agentic_calls: int = number("agentic RAG", 4)
    vector_store_usd_per_month: float = priced("vector store", _TABLE["vector_store_usd_per_month"])

    # --- fine-tuning and hosting
    model_parameters: float = number("size of the tuned model", 8.03e9, "Llama-3.1-8B")
    examples: int = number("training examples", 5000, _ARTICLE)
    tokens_per_example: int = number("tokens per example", 500)
    epochs: float = number("epochs", 3, _ARTICLE)
    gpu_tflops: float = number("the GPU's peak", _TABLE.gpus["h100_80gb"].peak_tflops, "H100, data sheet")
    utilisation: float = number("share of the peak", 0.4)
    runs: int = number("runs per update, failed ones too", 3)
    usd_per_gpu_hour: float = priced("a GPU", _TABLE.gpus["h100_80gb"].rent)
    hosting_gpus: int = number("GPUs that serve the tuned model", 1)
    hosting_share: float = number("our share of the tuned model", 1.0)
    tuned_input_usd_per_million_tokens: float = number("tuned model, input", 0, "own GPU: paid by the hour")
    tuned_output_usd_per_million_tokens: float = number("tuned model, output", 0, "own GPU: paid by the hour")

    # --- people
    usd_per_labour_hour: float = priced("an hour of work", _TABLE["usd_per_labour_hour"])
    prompt_set_up_labour_hours: float = number("writing the prompt", 8, f'"a day" in {_ARTICLE}')
    rag_set_up_labour_hours: float = number(
        "building RAG", 160, f"4 weeks of one person; 2 to 6 in {_ARTICLE}"
    )
    tuning_set_up_labour_hours: float = number(
        "building the data set and training", 320, f"8 weeks of one person; 4 to 12 in {_ARTICLE}"
    )
    rag_update_labour_hours: float = number("RAG, an update", 1, _ARTICLE)
    rag_evaluation_labour_hours: float = number("RAG, testing it", 1)
    rag_release_labour_hours: float = number("RAG, releasing it", 0.5)
    tuning_update_labour_hours: float = number("fine-tuning, new data and training", 8)
    tuning_evaluation_labour_hours: float = number("fine-tuning, testing it", 4)
    tuning_release_labour_hours: float = number("fine-tuning, releasing it", 2)

    # --- questions ------------------------------------------------------------------------------------

    def rented_usd_per_query(self, context_tokens: float = 0, calls: int = 1) -> float:
        """USD for one answer of the rented model with ``context_tokens`` of passages in each of ``calls``.

        Each further call also reads what the earlier calls wrote.
        """
        base = self.instruction_tokens + self.question_tokens + context_tokens
        read_again = self.answer_tokens * calls * (calls - 1) // 2
        return usd_per_call(
            input_tokens=calls * base + read_again,
            output_tokens=calls * self.answer_tokens,
            input_usd_per_million_tokens=self.input_usd_per_million_tokens,
            output_usd_per_million_tokens=self.output_usd_per_million_tokens,
        )

    def tuned_usd_per_query(self, context_tokens: float = 0) -> float:
        """USD by the token for one answer of the tuned model; 0 on a GPU of one's own, which is hosting."""
        return usd_per_call(
            input_tokens=self.question_tokens + context_tokens,
            output_tokens=self.answer_tokens,
            input_usd_per_million_tokens=self.tuned_input_usd_per_million_tokens,
            output_usd_per_million_tokens=self.tuned_output_usd_per_million_tokens,
        )

    @property
    def tuned_instructions_usd(self) -> float:
        """USD by the token for the instructions that a model needs in the prompt until it was tuned."""
        return self.instruction_tokens * self.tuned_input_usd_per_million_tokens / 1e6

    @property
    def handbook(self) -> CachedPrefix:
        """The whole handbook as a cached prefix."""
        return CachedPrefix(
            tokens=self.knowledge_tokens,
            input_usd_per_million_tokens=self.input_usd_per_million_tokens,
            cache_read_factor=self.cache_read_factor,
            cache_write_factor=self.cache_write_factor,
            cache_lifetime_minutes=self.cache_lifetime_minutes,
            storage_usd_per_million_token_hours=self.storage_usd_per_million_token_hours,
        )

    @property
    def handbook_tokens_at_par(self) -> float | None:
        """The size of a handbook that costs as much to read from the cache as to search, at this volume.

        The cached prefix's price is proportional to its size. None when reading from the cache is free.
        """
        prefix = self.changed(knowledge_tokens=1_000_000).handbook
        per_token = prefix.usd_per_query(queries_per_day=self.queries_per_day) / prefix.tokens
        searched = self.system(RAG).usd_per_answer(queries_per_day=self.queries_per_day)
        return (searched - self.rented_usd_per_query()) / per_token if per_token else None

    # --- updates, hosting, set-up ---------------------------------------------------------------------

    def embedding_usd(self, tokens: float) -> float:
        return tokens * self.embedding_usd_per_million_tokens / 1e6

    @property
    def rag_update(self) -> Update:
        """Embed the changed pages, delete their old chunks, test, release."""
        hour = self.usd_per_labour_hour
        return Update(
            compute_usd=self.embedding_usd(self.changed_share * self.knowledge_tokens),
            labour_usd=self.rag_update_labour_hours * hour,
            evaluation_usd=self.rag_evaluation_labour_hours * hour,
            release_usd=self.rag_release_labour_hours * hour,
        )

    @property
    def long_context_update(self) -> Update:
        """Exchange a file, test, release: RAG's update without the index."""
        hour = self.usd_per_labour_hour
        return Update(
            evaluation_usd=self.rag_evaluation_labour_hours * hour,
            release_usd=self.rag_release_labour_hours * hour,
        )

    @property
    def training_usd(self) -> float:
        """Rent of the GPUs for one update's training, failed runs counted."""
        tokens = training_tokens(
            examples=self.examples, tokens_per_example=self.tokens_per_example, epochs=self.epochs
        )
        hours = gpu_hours(
            parameters=self.model_parameters,
            training_tokens=tokens,
            peak_tflops=self.gpu_tflops,
            utilisation=self.utilisation,
        )
        return rent_usd(hours=hours, gpus=1, usd_per_gpu_hour=self.usd_per_gpu_hour, runs=self.runs)

    @property
    def tuning_update(self) -> Update:
        """New examples, training, testing what broke, releasing the weights."""
        hour = self.usd_per_labour_hour
        return Update(
            compute_usd=self.training_usd,
            labour_usd=self.tuning_update_labour_hours * hour,
            evaluation_usd=self.tuning_evaluation_labour_hours * hour,
            release_usd=self.tuning_release_labour_hours * hour,
        )

    @property
    def tuned_is_paid_by_the_token(self) -> bool:
        return bool(self.tuned_input_usd_per_million_tokens or self.tuned_output_usd_per_million_tokens)

    @property
    def hosting_usd_per_year(self) -> float:
        """The tuned model's GPUs, around the clock; 0 when it is paid by the token."""
        if self.tuned_is_paid_by_the_token:
            return 0.0
        return HOURS_PER_YEAR * self.hosting_gpus * self.hosting_share * self.usd_per_gpu_hour

    # --- the systems ----------------------------------------------------------------------------------

    def systems(self) -> tuple[System, ...]:
        """The nine systems. Prompt-only knows nothing of the handbook; it is here as the floor."""
        hour, store = self.usd_per_labour_hour, MONTHS_PER_YEAR * self.vector_store_usd_per_month
        prompt_set_up = self.prompt_set_up_labour_hours * hour
        rag_set_up = self.rag_set_up_labour_hours * hour + self.embedding_usd(self.knowledge_tokens)
        tuning_set_up = self.tuning_set_up_labour_hours * hour + self.training_usd
        search = self.embedding_usd(self.question_tokens)
        prompt, rag_prompt = self.rented_usd_per_query(), self.rented_usd_per_query(self.retrieved_tokens)
        agentic = self.rented_usd_per_query(self.retrieved_tokens, self.agentic_calls)
        rag = dict(
            update=self.rag_update,
            updates_per_year=self.updates_per_year,
            set_up_usd=rag_set_up,
            hosting_usd_per_year=store,
        )
        long = dict(
            update=self.long_context_update, updates_per_year=self.updates_per_year, set_up_usd=prompt_set_up
        )
        rented = "a rented model, by the token"
        own = f"our own {self.model_parameters / 1e9:.0f}B model, " + (
            "by the token" if self.tuned_is_paid_by_the_token else "GPUs by the hour"
        )
        searched = search + self.tuned_usd_per_query(self.retrieved_tokens)
        tuned = System(
            TUNED,
            runs_on=own,
            usd_per_query=self.tuned_usd_per_query(),
            update=self.tuning_update,
            updates_per_year=self.updates_per_year,
            set_up_usd=tuning_set_up,
            hosting_usd_per_year=self.hosting_usd_per_year,
        )
        untuned = System(
            OWN_RAG,
            runs_on=own,
            usd_per_query=searched + self.tuned_instructions_usd,
            **rag | {"hosting_usd_per_year": store + self.hosting_usd_per_year},
        )
        both = System(
            TUNED_RAG,
            runs_on=own,
            usd_per_query=searched,
            # Facts live in the index here: the weights carry behaviour and are not retrained for a new price.
            update=self.rag_update,
            updates_per_year=self.updates_per_year,
            set_up_usd=rag_set_up + tuning_set_up,
            hosting_usd_per_year=store + self.hosting_usd_per_year,
        )
        return (
            System(PROMPT, rented, usd_per_query=prompt, set_up_usd=prompt_set_up),
            System(LONG, rented, usd_per_query=prompt + self.handbook.uncached_usd, **long),
            System(CACHED, rented, usd_per_query=prompt, prefix=self.handbook, **long),
            System(RAG, rented, usd_per_query=search + rag_prompt, **rag),
            System(
                HYBRID_SEARCH, rented, usd_per_query=search + rag_prompt + self.rerank_usd_per_query, **rag
            ),
            System(AGENTIC, rented, usd_per_query=self.agentic_calls * search + agentic, **rag),
            untuned,
            tuned,
            both,
        )

    def system(self, name: str) -> System:
        """One of the systems by its name; ValueError for another name."""
        for system in self.systems():
            if system.name == name:
                return system
        raise ValueError(f"system must be one of {[s.name for s in self.systems()]}, not {name!r}.")

    def costs(self) -> dict[str, YearlyCost]:
        """The first year of every system at the scenario's volume."""
        return {s.name: yearly_cost(s, queries_per_day=self.queries_per_day) for s in self.systems()}
