using System.Net;
using System.Net.Http.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.FieldTests.Hosting;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Tests that an endpoint with <c>RequireIdempotency</c> takes effect once, regardless of the user's balance.</summary>
[TestFixture]
internal sealed class WithoutPriceTests : FieldTest
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    [Test]
    public async Task A_repeat_receives_the_first_response_without_a_second_effect()
    {
        await StartAsync(MapOrders);
        using var client = await Host.SignInAsync("ann");

        using var first = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        using var repeat = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));

        repeat.StatusCode.Should().Be(first.StatusCode).And.Be(HttpStatusCode.Created);
        repeat.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        repeat.Headers.Location.Should().Be(first.Headers.Location).And.NotBeNull();
        (await repeat.Content.ReadAsStringAsync()).Should().Be(await first.Content.ReadAsStringAsync());
        _runs.Should().Be(1);
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [Test]
    public async Task A_repeat_after_a_restart_receives_the_first_response()
    {
        await StartAsync(MapOrders);
        using (var client = await Host.SignInAsync("ann"))
        {
            using var first = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        }

        await StartAsync(MapOrders);
        using var again = await Host.SignInAsync("ann");
        using var repeat = await again.SendAsync(FieldHost.Paid("/orders", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be("1");
        _runs.Should().Be(1);
    }

    [Test]
    public async Task A_concurrent_repeat_is_told_to_come_back()
    {
        await StartAsync(app => app.MapPost("/orders", async () =>
        {
            Interlocked.Increment(ref _runs);
            _arrived.TrySetResult();
            await _goOn.Task;
        }).RequireIdempotency());
        using var client = await Host.SignInAsync("ann");
        var first = client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        await _arrived.Task.WaitAsync(Patience);

        using var repeat = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        _goOn.SetResult();
        using var response = await first;

        (repeat.StatusCode, await CodeAsync(repeat)).Should().Be((HttpStatusCode.Conflict, "in_progress"));
        repeat.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        _runs.Should().Be(1);
    }

    [Test]
    public async Task Another_body_with_the_same_key_is_a_conflict()
    {
        await StartAsync(MapOrders);
        using var client = await Host.SignInAsync("ann");
        using var first = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));

        using var other = await client.SendAsync(FieldHost.Paid("/orders", "key-1", "{\"amount\":2}"));

        (other.StatusCode, await CodeAsync(other)).Should().Be((HttpStatusCode.UnprocessableEntity, "key_conflict"));
        _runs.Should().Be(1);
    }

    [Test]
    public async Task A_failed_handler_may_be_repeated_with_the_same_key()
    {
        await StartAsync(app => app.MapPost("/orders", () => Interlocked.Increment(ref _runs) switch
        {
            1 => Results.Problem(statusCode: StatusCodes.Status502BadGateway),
            2 => throw new InvalidOperationException("The handler failed."),
            _ => Results.Text("placed"),
        }).RequireIdempotency());
        using var client = await Host.SignInAsync("ann");

        using var first = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        using var second = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        using var third = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));

        first.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        second.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await third.Content.ReadAsStringAsync()).Should().Be("placed");
    }

    [Test]
    public async Task Another_user_with_the_same_key_gets_their_own_effect()
    {
        await StartAsync(MapOrders);
        using var ann = await Host.SignInAsync("ann");
        using var bob = await Host.SignInAsync("bob");

        using var first = await ann.SendAsync(FieldHost.Paid("/orders", "key-1"));
        using var second = await bob.SendAsync(FieldHost.Paid("/orders", "key-1"));

        (await first.Content.ReadAsStringAsync()).Should().Be("1");
        (await second.Content.ReadAsStringAsync()).Should().Be("2");
    }

    [Test]
    public async Task A_user_without_credits_is_served()
    {
        await StartAsync(MapOrders);
        using var client = await Host.SignInAsync("ann");
        await Host.Services.GetRequiredService<ICreditLedger>().ConsumeAsync(
            UserId.Create("ann"), 100, IdempotencyKey.Create("all"));

        using var response = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));

        response.StatusCode.Should().Be(HttpStatusCode.Created);
        (await FieldHost.BalanceAsync(client)).Should().Be((0, 0));
    }

    [Test]
    public async Task A_user_who_gets_no_account_is_served_once()
    {
        await StartAsync(
            MapOrders,
            configure: static (builder, _) => builder.Services.Configure<CreditOptions>(
                static options => options.InitializeAccount = static _ => false));
        using var client = await Host.SignInAsync("guest");

        using var first = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        using var repeat = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));

        first.StatusCode.Should().Be(HttpStatusCode.Created);
        first.Headers.Contains("Credits-Available").Should().BeFalse();
        (await repeat.Content.ReadAsStringAsync()).Should().Be("1");
        (await client.GetFromJsonAsync<System.Text.Json.JsonElement>("/auth/credits")).GetProperty("status").GetString().Should()
            .Be("missing");
    }

    [Test]
    public async Task A_request_without_a_key_is_refused()
    {
        await StartAsync(MapOrders);
        using var client = await Host.SignInAsync("ann");
        using var anonymous = Host.Anonymous();

        using var keyless = await client.PostAsync("/orders", content: null);
        using var unknown = await anonymous.SendAsync(FieldHost.Paid("/orders", "key-1"));

        (keyless.StatusCode, await CodeAsync(keyless)).Should().Be((HttpStatusCode.BadRequest, "idempotency_key_required"));
        unknown.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        _runs.Should().Be(0);
    }

    [Test]
    public async Task An_endpoint_that_gets_a_price_replays_what_was_free()
    {
        await StartAsync(MapOrders);
        using (var client = await Host.SignInAsync("ann"))
        {
            using var first = await client.SendAsync(FieldHost.Paid("/orders", "key-1"));
        }

        await StartAsync(app => app.MapPost("/orders", Place).RequireCredits(5));
        using var again = await Host.SignInAsync("ann");
        using var repeat = await again.SendAsync(FieldHost.Paid("/orders", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be("1");
        (await FieldHost.BalanceAsync(again)).Should().Be((100, 0));
    }

    [Test]
    public async Task An_endpoint_with_both_calls_fails_the_start()
    {
        var start = () => StartAsync(app => app.MapPost("/orders", Place).RequireIdempotency().RequireCredits(5));

        (await start.Should().ThrowAsync<InvalidOperationException>())
            .WithMessage("RequireIdempotency and RequireCredits are both used for *");
    }

    private void MapOrders(WebApplication app) => app.MapPost("/orders", Place).RequireIdempotency();

    private ContentHttpResult Place(HttpContext context)
    {
        context.Response.Headers.Location = "/orders/7";
        return TypedResults.Text(Interlocked.Increment(ref _runs).ToString(), statusCode: StatusCodes.Status201Created);
    }
}
