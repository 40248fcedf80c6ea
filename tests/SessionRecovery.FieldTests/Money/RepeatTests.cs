using System.Net;
using System.Net.Http.Headers;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Tests that a repeated request receives the response to the first request, and that a different request does not.</summary>
[TestFixture]
internal sealed class RepeatTests : FieldTest
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task A_repeat_has_the_headers_that_describe_the_content()
    {
        await StartAsync(app => app.MapPost("/report", (HttpContext context) =>
        {
            context.Response.Headers.ContentLanguage = "de";
            context.Response.Headers.Link = "</next>; rel=next";
            context.Response.Cookies.Append("secret", "1");
            return TypedResults.File(
                "report"u8.ToArray(),
                "text/csv",
                "Übersicht.csv",
                lastModified: DateTimeOffset.UnixEpoch,
                entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue("\"7\""));
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var first = await client.SendAsync(FieldHost.Paid("/report", "key-1"));
        using var repeat = await client.SendAsync(FieldHost.Paid("/report", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be("report");
        repeat.Content.Headers.ContentDisposition.Should().Be(first.Content.Headers.ContentDisposition).And.NotBeNull();
        repeat.Content.Headers.ContentLanguage.Should().Equal("de");
        repeat.Content.Headers.LastModified.Should().Be(DateTimeOffset.UnixEpoch);
        repeat.Headers.ETag.Should().Be(first.Headers.ETag).And.NotBeNull();
        repeat.Headers.GetValues("Link").Should().Equal("</next>; rel=next");
        repeat.Headers.Contains("Set-Cookie").Should().BeFalse();
    }

    [Test]
    public async Task A_range_is_not_replayed_and_belongs_to_the_request()
    {
        await StartAsync(app => app.MapGet("/audio", static () =>
            TypedResults.File("0123456789"u8.ToArray(), "audio/wav", enableRangeProcessing: true)).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var first = await client.SendAsync(Range(0, 4));
        using var repeat = await client.SendAsync(Range(0, 4));
        using var other = await client.SendAsync(Range(5, 9));

        first.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        (await first.Content.ReadAsStringAsync()).Should().Be("01234");
        repeat.StatusCode.Should().Be(HttpStatusCode.OK);
        (await repeat.Content.ReadAsStringAsync()).Should().Contain("already_completed");
        other.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity, "it is another request");
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));

        static HttpRequestMessage Range(long from, long to)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/audio") { Headers = { { "Idempotency-Key", "key-1" } } };
            request.Headers.Range = new(from, to);
            return request;
        }
    }

    [Test]
    public async Task A_response_not_modified_costs_nothing()
    {
        await StartAsync(app => app.MapGet("/report", static () => TypedResults.File(
            "report"u8.ToArray(), "text/csv", entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue("\"7\""))).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/report") { Headers = { { "Idempotency-Key", "key-1" } } };
        request.Headers.IfNoneMatch.Add(new System.Net.Http.Headers.EntityTagHeaderValue("\"7\""));

        using var response = await client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.NotModified);
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [Test]
    public async Task A_result_too_large_to_store_can_be_found_at_its_location()
    {
        await StartAsync(app => app.MapPost("/large", (HttpContext context) =>
        {
            context.Response.Headers.Location = "/results/7";
            return new string('x', 200_000);
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var first = await client.SendAsync(FieldHost.Paid("/large", "key-1"));
        using var repeat = await client.SendAsync(FieldHost.Paid("/large", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be("{\"already_completed\":true}");
        repeat.Headers.Location.Should().Be(new Uri("/results/7", UriKind.Relative));
    }

    [Test]
    public async Task A_cleared_response_has_only_the_later_bytes()
    {
        await StartAsync(app => app.MapPost("/cleared", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("old");
            context.Response.Clear();
            await context.Response.WriteAsync("new");
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/cleared", "key-1"));

        (await response.Content.ReadAsStringAsync()).Should().Be("new");
    }

    [Test]
    public async Task A_cleared_response_drops_unflushed_bytes_too()
    {
        await StartAsync(app => app.MapPost("/cleared", async (HttpContext context) =>
        {
            "old"u8.CopyTo(context.Response.BodyWriter.GetSpan(3));
            context.Response.BodyWriter.Advance(3);
            context.Response.Clear();
            await context.Response.WriteAsync("new");
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/cleared", "key-1"));

        (await response.Content.ReadAsStringAsync()).Should().Be("new");
    }

    [Test]
    public async Task Bytes_of_the_writer_and_the_stream_keep_their_order()
    {
        await StartAsync(app => app.MapPost("/ordered", async (HttpContext context) =>
        {
            "one "u8.CopyTo(context.Response.BodyWriter.GetSpan(4));
            context.Response.BodyWriter.Advance(4);
            await context.Response.Body.WriteAsync("two "u8.ToArray());
            await context.Response.BodyWriter.WriteAsync("three"u8.ToArray());
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/ordered", "key-1"));

        (await response.Content.ReadAsStringAsync()).Should().Be("one two three");
    }

    [TestCase(10)]
    [TestCase(200_000)]
    public async Task A_completed_writer_delivers_its_unflushed_bytes(int count)
    {
        await StartAsync(app => app.MapPost("/completed", (HttpContext context) =>
        {
            var memory = context.Response.BodyWriter.GetMemory(count);
            memory.Span[..count].Fill((byte)'x');
            context.Response.BodyWriter.Advance(count);
            context.Response.BodyWriter.Complete();
            return Task.CompletedTask;
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/completed", "key-1"));

        (await response.Content.ReadAsStringAsync()).Should().HaveLength(count);
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_paid_response_stays_out_of_the_output_cache(bool usesBasePolicy)
    {
        await StartAsync(
            app =>
            {
                var endpoint = app.MapGet("/paid", static () => "paid").RequireCredits(5);
                if (!usesBasePolicy)
                {
                    endpoint.CacheOutput(static policy => policy.AddPolicy<CacheEverything>(), excludeDefaultPolicy: true);
                }
            },
            static app => app.UseOutputCache(),
            (builder, _) => builder.Services.AddOutputCache(options =>
            {
                if (usesBasePolicy)
                {
                    options.AddBasePolicy(static policy => policy.AddPolicy<CacheEverything>(), excludeDefaultPolicy: true);
                }
            }));
        using var ann = await Host.SignInAsync("ann");
        using var bob = await Host.SignInAsync("bob");

        foreach (var (client, key) in new[] { (ann, "key-1"), (bob, "key-2"), (ann, "key-3") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/paid") { Headers = { { "Idempotency-Key", key } } };
            using var response = await client.SendAsync(request);
            response.Headers.Age.Should().BeNull();
        }

        (await FieldHost.BalanceAsync(ann)).Should().Be((90, 0));
        (await FieldHost.BalanceAsync(bob)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_repeat_during_living_work_comes_back_after_a_second()
    {
        await StartAsync(app => app.MapPost("/slow", async () =>
        {
            _arrived.SetResult();
            await _goOn.Task;
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");
        var first = client.SendAsync(FieldHost.Paid("/slow", "key-1"));
        await _arrived.Task.WaitAsync(Patience);

        using var repeat = await client.SendAsync(FieldHost.Paid("/slow", "key-1"));
        _goOn.SetResult();
        using var response = await first;

        repeat.StatusCode.Should().Be(HttpStatusCode.Conflict);
        repeat.Headers.RetryAfter.Should().Be(new RetryConditionHeaderValue(TimeSpan.FromSeconds(1)));
    }
}
