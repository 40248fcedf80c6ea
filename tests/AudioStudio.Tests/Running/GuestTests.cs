using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Running;

/// <summary>Tests that a guest becomes an account with an e-mail address and a password, and that nothing else changes.</summary>
[TestFixture]
internal sealed class GuestTests
{
    private const string Password = "long-enough";

    private StudioProcess _studio = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _studio = StudioProcess.Start(port: null, "--Supervise", "false");
        (await _studio.RespondsAsync()).Should().BeTrue();
    }

    [OneTimeTearDown]
    public void Stop() => _studio?.Dispose();

    [SetUp]
    public Task SignUpAsync() => _studio.SignUpAsync(Guest());

    [Test]
    public async Task A_kept_guest_signs_in_with_the_same_credits()
    {
        var email = NewEmail();
        (await _studio.ReadShownCreditsAsync()).Should().Be(100);
        var user = await UserIdAsync();

        using var kept = await KeepAsync(email, Password);
        using var repeated = await KeepAsync(email, Password);

        kept.StatusCode.Should().Be(HttpStatusCode.NoContent);
        repeated.StatusCode.Should().Be(HttpStatusCode.NoContent, "a response can be lost");
        (await UserIdAsync()).Should().Be(user, "the running session must stay valid");
        (await _studio.SignInAsync(email, Password)).Should().BeTrue();
        (await UserIdAsync()).Should().Be(user);
    }

    [TestCase("ann", Password, "invalid_email")]
    [TestCase("", Password, "invalid_email")]
    [TestCase("guest-1@guest.invalid", Password, "invalid_email")]
    [TestCase("ann@example.com", "short", "password_too_short")]
    [TestCase("ann@example.com", "", "password_too_short")]
    public async Task An_invalid_address_or_password_changes_nothing(string email, string password, string code)
    {
        var guest = Guest();
        await _studio.SignUpAsync(guest);

        using var response = await KeepAsync(email, password);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await CodeAsync(response)).Should().Be(code);
        (await _studio.SignInAsync(guest, Password)).Should().BeTrue();
    }

    [Test]
    public async Task Values_above_the_limits_are_rejected()
    {
        using var longEmail = await KeepAsync(new string('a', 250) + "@example.com", Password);
        using var longPassword = await KeepAsync(NewEmail(), new string('a', 129));

        (await CodeAsync(longEmail)).Should().Be("invalid_email");
        (await CodeAsync(longPassword)).Should().Be("password_too_long");
    }

    [Test]
    public async Task An_address_of_another_account_is_refused()
    {
        var taken = NewEmail();
        await _studio.SignUpAsync(taken);
        var guest = Guest();
        await _studio.SignUpAsync(guest);

        using var response = await KeepAsync(taken, Password);

        (await CodeAsync(response)).Should().Be("account_exists");
        (await _studio.SignInAsync(guest, Password)).Should().BeTrue();
    }

    [Test]
    public async Task An_account_with_an_address_cannot_be_taken_over()
    {
        var email = NewEmail();
        await _studio.SignUpAsync(email);

        using var other = await KeepAsync(NewEmail(), "another-password");
        using var guess = await KeepAsync(email, "another-password");

        (other.StatusCode, guess.StatusCode).Should().Be((HttpStatusCode.Conflict, HttpStatusCode.Conflict));
        (await CodeAsync(other)).Should().Be("not_a_guest");
        (await _studio.SignInAsync(email, Password)).Should().BeTrue();
        (await _studio.SignInAsync(email, "another-password")).Should().BeFalse();
    }

    [Test]
    public async Task Five_wrong_guesses_lock_the_account()
    {
        var email = NewEmail();
        await _studio.SignUpAsync(email);

        for (var guess = 0; guess < 5; guess++)
        {
            using var wrong = await KeepAsync(email, $"wrong-password-{guess}");
            wrong.StatusCode.Should().Be(HttpStatusCode.Conflict);
        }

        using var right = await KeepAsync(email, Password);
        right.StatusCode.Should().Be(HttpStatusCode.Conflict, "the account is locked");
        (await _studio.SignInAsync(email, Password)).Should().BeFalse();
    }

    [Test]
    public async Task Without_a_sign_in_nothing_is_kept()
    {
        using var anonymous = new HttpClient { BaseAddress = _studio.Address };

        using var response = await anonymous.PostAsJsonAsync("studio/keep", new { email = NewEmail(), password = Password });

        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    private static string Guest() => $"guest-{Guid.NewGuid():N}@guest.invalid";

    private static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();

    private Task<HttpResponseMessage> KeepAsync(string email, string password) =>
        _studio.Http.PostAsJsonAsync("studio/keep", new { email, password });

    private async Task<string?> UserIdAsync() =>
        (await _studio.Http.GetFromJsonAsync<JsonElement>("auth/credits")).GetProperty("user_id").GetString();
}
