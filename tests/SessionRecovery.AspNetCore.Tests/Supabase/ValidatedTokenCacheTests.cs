using System.Security.Claims;
using FluentAssertions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using NUnit.Framework;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.AspNetCore;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace SessionRecovery.AspNetCore.Tests.Supabase;

/// <summary>Tests which tokens the cache finds, and which ones it evicts.</summary>
internal sealed class ValidatedTokenCacheTests
{
    private static readonly SymmetricSecurityKey Key = new(new byte[32]);

    [Test]
    public void A_token_is_found_only_by_its_whole_text()
    {
        var cache = Create(capacity: 10);
        var token = Validate("header.payload.signature-of-the-token");
        cache.Add(token);

        cache.Find("header.payload.signature-of-the-token").Should().BeSameAs(token);
        cache.Find("header.another.signature-of-the-token").Should().BeNull("only the end of the text is the same");
        cache.Find("signature-of-the-token").Should().BeNull();
        cache.Find(string.Empty).Should().BeNull();
    }

    [Test]
    public void Tokens_with_the_same_end_are_different_tokens()
    {
        var cache = Create(capacity: 10);
        var (ada, bob) = (Validate("ada.of-the-same-signature"), Validate("bob.of-the-same-signature"));
        cache.Add(ada);
        cache.Add(bob);

        cache.Find("ada.of-the-same-signature").Should().BeSameAs(ada);
        cache.Find("bob.of-the-same-signature").Should().BeSameAs(bob);
    }

    [Test]
    public void The_cache_evicts_the_tokens_that_were_not_used_recently()
    {
        var cache = Create(capacity: 4);
        cache.Add(Validate("used"));
        for (var i = 0; i < 20; i++)
        {
            cache.Add(Validate($"token-{i}"));
            cache.Find("used").Should().NotBeNull();
        }

        Enumerable.Range(0, 20).Count(i => cache.Find($"token-{i}") is not null).Should().BeLessThanOrEqualTo(4);
    }

    [Test]
    public void A_removed_token_does_not_return_with_another_key()
    {
        var cache = Create(capacity: 10);
        var token = Validate("token");
        cache.Add(token);
        cache.Replace(token, token.WithKey(Key));
        cache.Find("token").Should().NotBeNull().And.NotBeSameAs(token);

        cache.Remove(token.Token);
        cache.Replace(token, token.WithKey(Key));

        cache.Find("token").Should().BeNull();
    }

    [Test]
    public void A_cache_without_capacity_stays_empty()
    {
        var cache = Create(capacity: 0);

        cache.Add(Validate("token"));

        cache.Find("token").Should().BeNull();
    }

    private static ValidatedTokenCache Create(int capacity) =>
        new(Options.Create(new SupabaseAuthenticationOptions { MaxCachedTokens = capacity }));

    private static ValidatedToken Validate(string text) => new(AccessToken.Create(text), new ClaimsIdentity("test"), Key, default);
}
